"""Other engines, timed by the scripts of a folder beside the project; none
where they are not set up."""
import json
import os
import subprocess


class Peers:
    def __init__(self, folder, seconds=0.5):
        self.folder = folder
        self.work = os.environ.get("PEERS_WORK", "/tmp/peers")
        self.models = os.path.join(self.work, "peers", "m")
        self.seconds = seconds
        self.here = os.path.exists(os.path.join(folder, "run.sh")) \
            and os.path.isdir(self.models)

    def model(self, script, name, kind, end):
        """The file of random weights that the script makes, once."""
        path = os.path.join(self.models, f"{name}-{kind}.{end}")
        if not os.path.exists(path):
            subprocess.run(["/usr/bin/python3", script, name, kind,
                            path + ".part"], cwd=self.folder, check=True,
                           stdout=subprocess.DEVNULL)
            os.rename(path + ".part", path)
        return path

    def run(self, words, **variables):
        """Best value of each metric."""
        if not self.here:
            return {}
        environment = {**os.environ, "PEERS_WORK": self.work,
                       "SECS": str(self.seconds), **variables}
        try:
            output = subprocess.run(
                list(map(str, words)), cwd=self.folder, env=environment,
                capture_output=True, text=True, timeout=100).stdout
        except subprocess.TimeoutExpired:
            return {}
        found = {}
        for line in output.splitlines():
            if line.startswith("{"):
                entry = json.loads(line)
                found[entry["metric"]] = entry.get("best", entry["value"])
        return found

    def onnxruntime(self, model, kind, threads, *cases):
        if not self.here:
            return {}
        return self.run(["node", "ort_bench.js", model, kind,
                         self.model("make_onnx.py", model, kind, "onnx"),
                         threads, *cases])

    def llama(self, model, kind, threads, *cases):
        if not self.here:
            return {}
        return self.run(["node", "llama_node_bench.mjs", model, kind, threads,
                         self.model("make_gguf.py", model, kind, "gguf"),
                         *cases])

    def torch(self, model, threads, *cases):
        return self.run(["/usr/bin/python3", "torch_bench.py", model, "jit",
                         threads, "f32", *cases],
                        OMP_NUM_THREADS=str(threads),
                        OPENBLAS_CORETYPE="SkylakeX",
                        ATEN_CPU_CAPABILITY="avx512")

    def onednn(self, threads):
        """GFLOP/s by shape, the weights in the library's own layout."""
        return self.run([os.path.join(self.work, "peers", "gemm_onednn"),
                         "onednn", threads, "gemm"],
                        OMP_NUM_THREADS=str(threads))
