// The command line of made programs: exit codes, messages, files.
#include "ProgramRun.h"

#include <algorithm>
#include <filesystem>

namespace {

struct ProgramTest : ProgramRun {
  Outcome language(const std::string &arguments) {
    return run("language", arguments);
  }
};

/* ---- Wrong use ----------------------------------------------------------- */

TEST_F(ProgramTest, refusesWrongUse) {
  for (auto [arguments, message] :
       std::initializer_list<std::pair<const char *, const char *>>{
           {"", "no command"},
           {"--thread 2 hello", "did you mean '--threads'?"},
           {"--xyzzyx", "unknown option '--xyzzyx'"},
           {"-q", "unknown option '-q'"},
           {"hello there", "put quotes"},
           {"info there", "unexpected 'there'"},
           {"hello --threads", "needs a value"},
           {"hello --threads 0", "from 1 to 1024, not '0'"},
           {"hello --threads=-1", "from 1 to 1024, not '-1'"},
           {"hello --threads 2000", "from 1 to 1024, not '2000'"},
           {"hello --threads 1.5", "an integer"},
           {"hello --threads ''", "an integer"},
           {"hello --temperature nan", "not 'nan'"},
           {"hello --top-p 1e99", "not '1e99'"},
           {"hello --seed 99999999999999999999", "an integer"},
           {"hello --json", "not an option of 'generate'"},
           {"bench --json=1", "takes no value"},
           {"logits", "needs --tokens and -o"},
           {"logits --tokens 1,x -o o", "not 'x'"},
           {"logits --tokens '' -o o", "takes ids"},
           {"logits --tokens '1;;2' -o o", "takes ids"},
           {"--tokens '1;2'", "one sequence"},
           {"hello --tokens 1", "not both"},
           {"perplexity", "needs --text FILE"},
           {"run --input i -o o", "takes tokens"}})
    expectFails(language(arguments), 2, message);
  expectFails(run("image", "hello"), 2, "takes real values");
  expectFails(run("image", "bench --prefill 3"), 2, "for this model");
  expectFails(run("encoder", "hello"), 2, "impossible");
  expectFails(run("encoder", "perplexity --text t"), 2, "impossible");
  expectFails(run("encoder", "logits --tokens 1 --cut 1 -o o"), 2, "whole");
  expectFails(language("translate hello"), 2, "with an encoder");
  expectFails(language("logits --tokens 1 --source 1 -o o"), 2,
              "for this model");
  for (auto [arguments, message] :
       std::initializer_list<std::pair<const char *, const char *>>{
           {"generate hello", "without an encoder"},
           {"perplexity --text t", "without an encoder"},
           {"logits --tokens 1 -o o", "needs --source"},
           {"logits --tokens 1 --source '1;2' -o o", "as many of --source"},
           {"encode --source 1", "needs --source and -o"},
           {"encode --source 1,x -o o", "'--source' takes ids"},
           {"translate", "takes a text or --source"},
           {"translate hello --source 1", "takes a text or --source"},
           {"translate --source '1;2'", "takes one source"},
           {"translate --source 1 --tokens '1;2'", "begins one sequence"}})
    expectFails(run("translator", arguments), 2, message);
  expectFails(run("reader", "translate hello"), 2, "takes --source FILE.npy");
  expectFails(run("detector", "encode --source i.npy -o o.npy"), 2,
              "takes real values");
  expectFails(run("rows", "logits --tokens 1 -o o"), 2, "rows of real values");
  expectFails(run("rows", "bench --batch 3"), 2, "for this model");
}

TEST_F(ProgramTest, refusesBadInput) {
  expectFails(language("hello"), 1, "without a tokenizer");
  expectFails(run("translator", "hello"), 1, "without a tokenizer");
  expectFails(run("translator", "--source 30"), 1, "0 to 29");
  expectFails(run("translator", "--source 1,1,1,1,1,1,1,1,1,1"), 1,
              "longest source of 9");
  expectFails(language("perplexity --text t"), 1, "without a tokenizer");
  expectFails(language("--tokens 1,50"), 1, "token id 50 is outside");
  expectFails(language("--tokens 1,-3"), 1, "token id -3 is outside");
  expectFails(language("--tokens 99999999999999999999"), 1, "outside");
  expectFails(language("bench --prefill 30 --decode 11"), 1,
              "more than the context of 40");
  std::string many = "1";
  for (int i = 0; i < FAKE_CONTEXT; ++i)
    many += ",1";
  expectFails(language("logits -o o --tokens " + many), 1, "context of 40");
}

TEST_F(ProgramTest, refusesOtherWeights) {
  expectFails(shell("./fake_language --tokens 1 --weights nothing"), 1,
              "nothing: cannot be opened");
  std::filesystem::copy_file(TC_PROGRAMS "/fake_language", folder / "alone");
  expectFails(shell("./alone --tokens 1"), 1, "pass --weights FILE");
  std::string file = fakeFile();
  file[TC_WEIGHTS_DATA + 8] ^= 4;
  writeFile(folder / "weights", file);
  expectFails(language("--tokens 1"), 1, "data is damaged");
}

TEST_F(ProgramTest, findsItsWeightsBesideIt) {
  std::filesystem::copy_file(TC_PROGRAMS "/fake_language", folder / "alone");
  std::filesystem::rename(folder / "weights", folder / "alone.weights");
  EXPECT_EQ(shell("cd / && " + folder / "alone --tokens 1").code, 0);
}

TEST_F(ProgramTest, helps) {
  for (const char *argument : {"--help", "-h", "bench --help"}) {
    Outcome outcome = language(argument);
    EXPECT_EQ(outcome.code, 0);
    EXPECT_NE(outcome.output.find("--prefill"), std::string::npos);
    EXPECT_EQ(outcome.output.find("--input"), std::string::npos);
  }
  EXPECT_NE(run("image", "--help").output.find("--input"), std::string::npos);
  EXPECT_NE(language("--version").output.find("transformer-compile"),
            std::string::npos);
  EXPECT_NE(language("info").output.find("without a tokenizer"),
            std::string::npos);
  EXPECT_NE(language("info").output.find(
                "weights int8, f32, computed in f32, cache bf16"),
            std::string::npos);
}

TEST_F(ProgramTest, reportsAFullDisk) {
  if (!std::filesystem::exists("/dev/full"))
    GTEST_SKIP();
  EXPECT_EQ(language("--help > /dev/full").code, 1);
  EXPECT_EQ(language("--tokens 1 > /dev/full").code, 1);
  EXPECT_EQ(language("logits --tokens 1 -o /dev/full").code, 1);
}

/* ---- Results ------------------------------------------------------------- */

TEST_F(ProgramTest, continuesIds) {
  Outcome outcome = language("--tokens 1,2,3 -n 12");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), ','), 11);
  EXPECT_NE(outcome.errors.find("12 tokens, "), std::string::npos);
  EXPECT_NE(outcome.errors.find(" tokens/s"), std::string::npos);
  EXPECT_EQ(language("generate -n12 --tokens=1,2,3 --threads 3").output,
            outcome.output);
}

TEST_F(ProgramTest, continuesWithTheLikeliest) {
  if (!hasNumpy())
    GTEST_SKIP() << "no NumPy";
  ASSERT_EQ(language("--tokens 4,5 -n 9 --temperature 0 > ids").code, 0);
  ASSERT_EQ(language("logits -o o.npy --tokens 4,5,$(cat ids)").code, 0);
  python("rows = np.load('o.npy')\n"
         "ids = [int(i) for i in open('ids').read().split(',')]\n"
         "assert ids == list(rows[1:-1].argmax(1)), (ids, rows.argmax(1))\n");
}

TEST_F(ProgramTest, stopsAtTheEndOfTheContext) {
  Outcome outcome = language("--tokens 1 -n 1000");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_NE(outcome.errors.find("end of the context of 40"), std::string::npos);
}

TEST_F(ProgramTest, writesTheRowsOfEveryTokenForAnyCut) {
  if (!hasNumpy())
    GTEST_SKIP() << "no NumPy";
  std::string tokens = "3,1,4,1,5,9,2,6,5,3,5,8,9,7,9";
  std::string arguments = "logits --tokens '" + tokens + "' -o ";
  ASSERT_EQ(language(arguments + "all.npy").code, 0);
  for (const char *cut : {"1", "2", "7", "100"}) {
    ASSERT_EQ(language(arguments + "cut.npy --threads 2 --cut " + cut).code, 0);
    EXPECT_EQ(readFile(folder / "cut.npy"), readFile(folder / "all.npy"));
  }
  ASSERT_EQ(
      language("logits -o many.npy --cut 2 --tokens '7;" + tokens + ";8,8,8'")
          .code,
      0);
  python("w = np.array([(i * 37 % 101) / 8 - 6 for i in range(50)])\n"
         "t = np.array([" +
         tokens +
         "])\n"
         "def rows(t):\n"
         "  each = w[(t[:, None] + np.arange(50)) % 50]\n"
         "  return each.cumsum(0) + np.arange(len(t))[:, None]\n"
         "a = np.load('all.npy')\n"
         "assert a.dtype == np.float32 and a.shape == (15, 50)\n"
         "assert (a == rows(t)).all()\n"
         "m = np.load('many.npy')\n"
         "x = np.concatenate([rows(np.array([7])), rows(t), "
         "rows(np.array([8, 8, 8]))])\n"
         "assert (m == x).all()\n");
}

TEST_F(ProgramTest, writesTheRowsOfAnEncoder) {
  if (!hasNumpy())
    GTEST_SKIP() << "no NumPy";
  ASSERT_EQ(run("encoder", "logits --tokens '1,2,3;4' -o o.npy").code, 0);
  python("o = np.load('o.npy')\n"
         "assert o.shape == (4, 3) and list(o[:, 2]) == [0, 1, 2, 0]\n");
}

TEST_F(ProgramTest, writesTheRowsOfSources) {
  if (!hasNumpy())
    GTEST_SKIP() << "no NumPy";
  ASSERT_EQ(run("translator", "encode --source '7,8,9;4' -o o.npy").code, 0);
  ASSERT_EQ(run("translator",
                "logits --source '7,8,9;4' --tokens '1,2;3' -o l.npy --cut 1")
                .code,
            0);
  python("w = np.array([(i * 37 % 101) / 8 - 6 for i in range(50)])\n"
         "o = np.load('o.npy')\n"
         "assert o.shape == (4, 2) and list(o[:, 1]) == [0, 1, 2, 0]\n"
         "assert list(o[:, 0]) == list(w[[7, 8, 9, 4]])\n"
         "j = np.arange(50)\n"
         "l = np.load('l.npy')\n"
         "x = sum(w[(s + 2 * j) % 50] for s in (7, 8, 9))\n"
         "assert (l[0] == x + w[(1 + j) % 50]).all()\n"
         "assert (l[2] == w[(4 + 2 * j) % 50] + w[(3 + j) % 50]).all()\n");
}

TEST_F(ProgramTest, readsSourcesOfRowsFromFiles) {
  if (!hasNumpy())
    GTEST_SKIP() << "no NumPy";
  python("x = np.arange(24, dtype='f4').reshape(2, 4, 3)\n"
         "np.save('two.npy', x), np.save('one.npy', x[1])\n"
         "np.save('long.npy', np.zeros((10, 3), 'f4'))\n");
  for (auto [file, message] :
       std::initializer_list<std::pair<const char *, const char *>>{
           {"long.npy", "10 rows, more than the longest source of 9"},
           {"none.npy", "none.npy"}})
    expectFails(run("reader", std::string("encode -o o --source ") + file), 1,
                message);
  expectFails(run("reader", "translate --source two.npy"), 2,
              "takes one source");
  ASSERT_EQ(run("reader", "encode --source two.npy -o o.npy").code, 0);
  ASSERT_EQ(run("reader", "translate --source one.npy -n 3 > ids").code, 0);
  ASSERT_EQ(
      run("reader", "logits --source two.npy --tokens '1;1' -o l.npy").code, 0);
  python("o, l = np.load('o.npy'), np.load('l.npy')\n"
         "s = np.arange(24).reshape(8, 3).sum(1)\n"
         "assert o.shape == (8, 2) and list(o[:, 0]) == list(s)\n"
         "assert list(o[:, 1]) == [0, 1, 2, 3] * 2\n"
         "assert (l[1] - l[0] == s[4:].sum() - s[:4].sum()).all()\n");
  ASSERT_EQ(run("reader", "encode --source two.npy -o o.npy --tap "
                          "encoder.sum=t.npy")
                .code,
            0);
  python("assert (np.load('t.npy')[:, 0] == np.load('o.npy')[:, 0]).all()\n");
  expectFails(run("reader", "logits --source two.npy --tokens '1;1' -o l.npy "
                            "--tap encoder.sum=t.npy"),
              2, "'encoder.sum' is of the encoder: 'encode' writes it");
  EXPECT_NE(run("reader", "info").output.find("at most 9 rows of 3"),
            std::string::npos);
}

TEST_F(ProgramTest, runsQueriesOnImages) {
  if (!hasNumpy())
    GTEST_SKIP() << "no NumPy";
  python("x = np.arange(12, dtype='f4').reshape(3, 1, 2, 2)\n"
         "np.save('three.npy', x), np.save('one.npy', x[2])\n");
  ASSERT_EQ(run("detector", "run --input three.npy -o o.npy").code, 0);
  ASSERT_EQ(run("detector", "run --input one.npy -o p.npy").code, 0);
  python("o, p = np.load('o.npy'), np.load('p.npy')\n"
         "assert o.shape == (3, 3, 2) and p.shape == (3, 2)\n"
         "assert (o[:, :, 1] == 5).all() and (o[2] == p).all()\n"
         "assert o[1, :, 0].tolist() == [22, 23, 24]\n");
  for (const char *tap : {"decoder.sum", "encoder.halves"})
    ASSERT_EQ(run("detector", std::string("run --input three.npy -o o.npy "
                                          "--tap ") +
                                  tap + "=" + tap + ".npy")
                  .code,
              0);
  python("x = np.load('three.npy').sum((1, 2, 3))\n"
         "d, e = np.load('decoder.sum.npy'), np.load('encoder.halves.npy')\n"
         "assert d.shape == (3, 3, 1) and e.shape == (3, 2, 1)\n"
         "assert (d[..., 0] == x[:, None] + range(3)).all()\n"
         "assert (2 * e[..., 0] == x[:, None]).all()\n");
  Outcome info = run("detector", "info");
  EXPECT_NE(info.output.find("3 rows of each input"), std::string::npos);
  EXPECT_NE(info.output.find("rows: 1 values from 1 on"), std::string::npos);
  EXPECT_EQ(shell("./fake_detector info --json | /usr/bin/python3 -c \"import "
                  "json, sys; d = json.load(sys.stdin); assert d['outputs'] == "
                  "{'sum': [0, 1], 'rows': [1, 1]} and d['queries'] == 3\"")
                .code,
            0);
}

TEST_F(ProgramTest, translatesFromTheStartToken) {
  if (!hasNumpy())
    GTEST_SKIP() << "no NumPy";
  ASSERT_EQ(run("translator", "--source 7,8 -n 5 > ids").code, 0);
  ASSERT_EQ(
      run("translator", "logits -o o.npy --source 7,8 --tokens 3,$(cat ids)")
          .code,
      0);
  python("rows = np.load('o.npy')\n"
         "ids = [int(i) for i in open('ids').read().split(',')]\n"
         "assert ids == list(rows[:-1].argmax(1)), (ids, rows.argmax(1))\n");
}

TEST_F(ProgramTest, runsArraysOfEveryKind) {
  if (!hasNumpy())
    GTEST_SKIP() << "no NumPy";
  python("for i, t in enumerate('<f4 >f4 <f8 >f8 i1 u1 <i2 >i4 <i8 <u2 "
         "?'.split()):\n"
         "  x = np.arange(54).reshape(3, 2, 3, 3) % 7\n"
         "  np.save(f'i{i}.npy', x.astype(t))\n");
  for (int i = 0; i < 11; ++i) {
    std::string number = std::to_string(i);
    Outcome outcome =
        run("image", "run --input i" + number + ".npy -o o" + number + ".npy");
    ASSERT_EQ(outcome.code, 0) << outcome.errors;
  }
  python("w = np.array([(i * 37 % 101) / 8 - 6 for i in range(5)])\n"
         "for i in range(11):\n"
         "  x = np.load(f'i{i}.npy').astype(float)\n"
         "  o = np.load(f'o{i}.npy')\n"
         "  assert o.shape == (3, 5) and o.dtype == np.float32\n"
         "  assert abs(o - x.mean((1, 2, 3))[:, None] - w).max() < 1e-5\n");
  python("np.save('i.npy', np.ones((2, 3, 3)))\n");
  ASSERT_EQ(run("image", "run --input i.npy -o o.npy").code, 0);
  python("assert np.load('o.npy').shape == (5,)\n");
  ASSERT_EQ(
      run("image", "run --input i4.npy -o o.npy --tap channels=t.npy").code, 0);
  python("t, x = np.load('t.npy'), np.load('i4.npy')\n"
         "assert t.shape == (3, 2, 1) and (t[..., 0] == x.sum((2, 3))).all()\n"
         "assert (np.load('o.npy') == np.load('o4.npy')).all()\n");
  expectFails(run("image", "run --input i.npy -o p.npy --tap rows=t.npy"), 2,
              "'fake_image' has no tap 'rows'; 'info' names them");
  EXPECT_FALSE(std::filesystem::exists(folder / "p.npy"));
}

TEST_F(ProgramTest, runsSequencesOfRows) {
  if (!hasNumpy())
    GTEST_SKIP() << "no NumPy";
  python("x = np.arange(60).reshape(20, 3) % 7\n"
         "np.save('one.npy', x)\n"
         "np.save('even.npy', x.reshape(4, 5, 3))\n");
  for (const char *arguments :
       {"--input one.npy -o one.o.npy", "--input even.npy -o even.o.npy",
        "--input one.npy --lengths 5,5,5,5 -o lengths.o.npy",
        "--input one.npy --lengths 13,7 --cut 3 -o ragged.o.npy"}) {
    Outcome outcome = run("rows", std::string("run ") + arguments);
    ASSERT_EQ(outcome.code, 0) << outcome.errors;
  }
  python("x = np.load('one.npy')\n"
         "def sums(x):\n"
         "  return (x.sum(1).cumsum() + np.arange(len(x)))[:, None]\n"
         "def equal(name, *parts):\n"
         "  o = np.load(name + '.o.npy')\n"
         "  p = np.concatenate([sums(p) for p in parts])\n"
         "  assert o.shape[-1] == 1 and (o.reshape(-1, 1) == p).all(), name\n"
         "  return o\n"
         "equal('one', x)\n"
         "assert equal('even', *x.reshape(4, 5, 3)).shape == (4, 5, 1)\n"
         "assert equal('lengths', *x.reshape(4, 5, 3)).shape == (20, 1)\n"
         "equal('ragged', x[:13], x[13:])\n"
         "np.save('wide.npy', x.reshape(15, 4))\n"
         "np.save('long.npy', np.ones((41, 3)))\n"
         "np.save('wrong.npy', np.full((2, 3), np.nan))\n");
  auto refuses = [&](int code, const char *arguments, const char *message) {
    expectFails(run("rows", std::string("run ") + arguments + " -o o.npy"),
                code, message);
    EXPECT_FALSE(std::filesystem::exists(folder / "o.npy"));
  };
  ASSERT_EQ(run("rows", "run --input one.npy --lengths 13,7 --cut 3 -o o.npy "
                        "--tap layers.sum=t.npy")
                .code,
            0);
  python("t = np.load('t.npy')\n"
         "s = np.load('one.npy').sum(1)\n"
         "assert t.shape == (20, 2, 1) and (t[:, 0, 0] == s).all()\n"
         "assert (t[:, 1, 0] == 2 * s).all()\n");
  std::filesystem::remove(folder / "o.npy");
  refuses(2, "--input one.npy --tap sum=t.npy", "has no tap 'sum'");
  refuses(1, "--input wide.npy", "shape 15x4, 'fake_rows' takes Rx3 or NxRx3");
  refuses(1, "--input even.npy --lengths 5,5", "Rx3 with --lengths");
  refuses(1, "--input one.npy --lengths 5,14", "has 20 rows, --lengths says");
  refuses(1, "--input one.npy --lengths 5,16", "has 20 rows, --lengths says");
  refuses(2, "--input one.npy --lengths 5,,15", "not ',15'");
  refuses(2, "--input one.npy --lengths 0,20", "not '0,20'");
  refuses(1, "--input long.npy", "more rows than the model's context");
  refuses(1, "--input wrong.npy", "infinite or not a number");
}

TEST_F(ProgramTest, refusesWrongArrays) {
  auto refuses = [&](const std::string &contents, const char *message) {
    writeFile(folder / "i.npy", contents);
    expectFails(run("image", "run --input i.npy -o o.npy"), 1, message);
    EXPECT_FALSE(std::filesystem::exists(folder / "o.npy"));
  };
  auto array = [](std::string header, size_t bytes) {
    header.resize(118, ' ');
    return std::string("\x93NUMPY\x01\0\x76\0", 10) + header +
           std::string(bytes, 0);
  };
  auto described = [&](const char *type, const char *shape, size_t bytes = 72,
                       const char *fortran = "False") {
    return array("{'descr': '" + std::string(type) + "', 'fortran_order': " +
                     fortran + ", 'shape': " + shape + ", }",
                 bytes);
  };
  refuses("", "not a NumPy array file");
  refuses("\x93NUMPY", "not a NumPy array file");
  refuses(std::string("\x93NUMPY\x01\0\x76\0{", 11), "cut off in its header");
  refuses(std::string("\x93NUMPY\x09\0\x76\0", 10) + std::string(200, 'x'),
          "unknown version");
  refuses(std::string("\x93NUMPY\x02\0\xff\xff\xff\xff", 12) +
              std::string(200, 'x'),
          "header is too long");
  refuses(array("{}", 72), "names no simple type");
  refuses(described("<c8", "(2, 3, 3)"), "neither float32");
  refuses(described("<f3", "(2, 3, 3)"), "neither float32");
  refuses(described("<f", "(2, 3, 3)"), "form '<f4'");
  refuses(described("<f4", "[2]"), "no shape");
  refuses(described("<f4", "(2, x)"), "not a list of integers");
  refuses(described("<f4", "(2, -3)"), "not a list of integers");
  refuses(described("<f4", "(1,1,1,1,1,1,1,1,1)"), "more than 8");
  refuses(described("<f4", "(99999999999, 99999999999)"), "beyond all memory");
  refuses(described("<f4", "(18446744073709551616,)"), "beyond all memory");
  refuses(described("<f4", "(2, 3, 3)", 71), "cut off");
  refuses(described("<f4", "(1000000000, 2, 3, 3)"), "cut off");
  refuses(described("<f4", "(2, 3, 3)", 72, "True"), "column order");
  refuses(described("<f4", "(2, 3, 4)", 200), "takes 2x3x3 or Nx2x3x3");
  refuses(described("<f4", "(0, 2, 3, 3)"), "has shape 0x2x3x3");
  refuses(described("<f4", "()", 4), "has shape");
  expectFails(run("image", "run --input nothing.npy -o o.npy"), 1,
              "cannot be opened");
}

/* ---- Output files -------------------------------------------------------- */

TEST_F(ProgramTest, leavesNothingHalfWritten) {
  writeFile(folder / "o.npy", "before");
  expectFails(language("logits --tokens 1 -o missing/o.npy"), 1,
              "cannot be written");
  expectFails(language("logits --tokens 1 -o ."), 1, "cannot be written");
  // A limit on file sizes ends the writing in the middle.
  Outcome outcome =
      shell("ulimit -f 1; ./fake_language --weights weights logits --tokens "
            "1,2,3,4,5,6,7,8,9,1,2,3,4,5,6 -o o.npy");
  EXPECT_NE(outcome.code, 0);
  EXPECT_EQ(readFile(folder / "o.npy"), "before");
  for (const std::string &name : folder.files())
    EXPECT_EQ(name.find("o.npy."), std::string::npos) << name;
  EXPECT_EQ(language("logits --tokens 1 -o o.npy").code, 0);
  EXPECT_NE(readFile(folder / "o.npy"), "before");
}

TEST_F(ProgramTest, writesToADevice) {
  EXPECT_EQ(language("logits --tokens 1,2 -o /dev/null").code, 0);
  Outcome outcome = language("logits --tokens 1,2 -o /dev/stdout | cat");
  EXPECT_EQ(outcome.output.size(), 128u + 2 * FAKE_VOCAB * sizeof(float));
}

TEST_F(ProgramTest, endsByABrokenPipe) {
  Outcome outcome = shell(R"(/usr/bin/python3 -c "
import os, subprocess
read, write = os.pipe()
os.close(read)
command = './fake_language --weights weights --tokens 1'.split()
assert subprocess.run(command, stdout=write).returncode == -13
")");
  EXPECT_EQ(outcome.code, 0) << outcome.errors;
}

TEST_F(ProgramTest, aSignalTakesTheTemporaryFileAlong) {
  // Enough work to be caught in the middle of.
  Outcome outcome = shell(R"(/usr/bin/python3 -c "
import os, signal, subprocess, time
tokens = ';'.join([','.join(['1'] * 40)] * 1500)
for name in 'SIGINT', 'SIGTERM', 'SIGHUP':
  command = ['./fake_language', '--weights', 'weights', 'logits', '--cut', '1',
             '--tokens', tokens, '-o', 'o.npy']
  program = subprocess.Popen(command)
  while program.poll() is None and not [
      f for f in os.listdir('.') if f.startswith('o.npy.')]:
    pass
  program.send_signal(getattr(signal, name))
  assert program.wait() == -getattr(signal, name), program.returncode
  assert not [f for f in os.listdir('.') if f.startswith('o.npy')]
")");
  EXPECT_EQ(outcome.code, 0) << outcome.errors;
}

/* ---- Measurements -------------------------------------------------------- */

TEST_F(ProgramTest, benchPrintsOneObject) {
  Outcome outcome =
      language("bench --prefill 20 --decode 10 --threads 2 --json");
  EXPECT_EQ(outcome.code, 0) << outcome.errors;
  writeFile(folder / "b.json", outcome.output);
  Outcome check = shell(R"(/usr/bin/python3 -c "
import json
b = json.load(open('b.json'))
assert b['prefill_tokens_per_second'] > 0 and b['decode_tokens_per_second'] > 0
assert b['decode_best_ms'] > 0 and b['prefill_best_ms'] > 0
assert b['threads'] == 2 and b['weights_bytes'] == 200
assert b['resident_bytes'] > 100000
assert b['prefill'] == 20 and b['decode'] == 10 and b['sessions'] == 1
")");
  EXPECT_EQ(check.code, 0) << check.errors << outcome.output;
  outcome = language("bench --sessions 3 --pin --json");
  EXPECT_NE(outcome.output.find("\"sessions\": 3,"), std::string::npos);
  expectFails(run("encoder", "bench --sessions 2"), 2, "has no sessions");
  outcome = run("image", "bench --batch 3 --json");
  EXPECT_NE(outcome.output.find("\"inputs_per_second\": "), std::string::npos);
  EXPECT_EQ(language("bench").code, 0);
  EXPECT_EQ(run("encoder", "bench").code, 0);
  for (const char *model : {"translator", "reader"})
    EXPECT_EQ(run(model, "bench --sessions 2").code, 0);
  EXPECT_EQ(run("detector", "bench --batch 3").code, 0);
  expectFails(run("translator", "bench --prefill 10"), 1,
              "longest source of 9");
  EXPECT_EQ(run("rows", "bench --sessions 2").code, 0);
  EXPECT_NE(run("rows", "info").output.find("rows of 3"), std::string::npos);
  EXPECT_NE(run("rows", "info").output.find("layers.sum, 2x1 a row"),
            std::string::npos);
}

// Steps of 12 rows at most: 20 rows see 1 + 2 + ... + 20 keys, then single ones
// 21, 22 ... 30.
TEST_F(ProgramTest, profilesKernels) {
  Outcome outcome = language("bench --prefill 20 --decode 10 --repeat 2 "
                             "--threads 2 --json --trace trace.json");
  EXPECT_EQ(outcome.code, 0) << outcome.errors;
  writeFile(folder / "profile.json", outcome.output);
  python(R"(import json
profile = json.load(open('profile.json'))
assert profile['roof']['multiply-adds'] > 0 and profile['roof']['bytes'] > 0
phases = {phase['phase']: phase for phase in profile['profile']}
figures = {name: {kernel['name']: (kernel['calls'], kernel['flops'],
                                   kernel['bytes'])
                  for kernel in phase['kernels']}
           for name, phase in phases.items()}
assert figures == {
    'prefill': {'remember': (2, 3 * 210, 5 * (12 + 20)),
                'predict': (2, 7, 100 + 11)},
    'decode': {'remember': (1, round(3 * 25.5), round(5 * 25.5)),
               'predict': (1, 7, 111)}}, figures
for phase in phases.values():
    total = sum(kernel['seconds'] for kernel in phase['kernels'])
    assert abs(total + phase['other_seconds'] - phase['seconds']) < 1e-6
    for kernel in phase['kernels']:
        assert kernel['seconds'] >= 0)");
  python(R"(import json
trace = json.load(open('trace.json'))['traceEvents']
rows = {event['tid'] for event in trace if event['name'] == 'thread_name'}
assert rows == {0, 1}, rows
work = [event for event in trace if event['ph'] == 'X']
assert all(event['dur'] >= 0 for event in work)
kernels = [e for e in work if e['cat'] == 'kernel']
assert len(kernels) == 2 * 2 * (2 + 10), len(kernels)
assert {e['tid'] for e in kernels} == {0}
assert {e['tid'] for e in work if e['cat'] == 'range'} <= {0, 1})");
  outcome = language("bench --profile");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_NE(outcome.output.find("predict (matmul all, 1 x 1 x 1)"),
            std::string::npos);
  expectFails(run("text", "bench --profile"), 1, "without a profile");
  expectFails(language("bench --trace nowhere/trace.json"), 1, "nowhere");
}

TEST_F(ProgramTest, infoPrintsOneObject) {
  writeFile(folder / "b.json", language("info --json").output);
  Outcome check = shell(R"(/usr/bin/python3 -c "
import json
b = json.load(open('b.json'))
assert b['model'] == 'fake_language' and b['context'] == 40 and b['vocab'] == 50
assert b['weights_formats'] == 'int8, f32' and b['cache_format'] == 'bf16'
")");
  EXPECT_EQ(check.code, 0) << check.errors;
  EXPECT_EQ(shell("./fake_language info --weights nothing").code, 1);
}

} // namespace
