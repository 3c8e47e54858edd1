/* Reads a picture of eight lines of eight characters, dark ones last in the
 * order of `shades`, and says which digit it shows. */
#include "digits.h"

#include <stdio.h>
#include <string.h>

static const char shades[] = " .:-=+*#%@";

static int readPicture(float *pixels) {
  char line[256];
  for (int y = 0; y < 8; ++y) {
    if (!fgets(line, sizeof line, stdin))
      return 0;
    line[strcspn(line, "\r\n")] = 0;
    size_t length = strlen(line); /* blanks at the end may be missing */
    for (size_t x = 0; x < 8; ++x) {
      const char *shade = strchr(shades, x < length ? line[x] : ' ');
      if (!shade)
        return 0;
      pixels[8 * y + (int)x] = (float)(shade - shades) / 9;
    }
  }
  return 1;
}

int main(int argc, char **argv) {
  float pixels[DIGITS_INPUT_SIZE], scores[DIGITS_OUTPUT_SIZE];
  digits_engine *engine;
  tc_error error;
  if (!readPicture(pixels)) {
    fprintf(stderr, "expected 8 lines of 8 characters out of \"%s\"\n", shades);
    return 1;
  }
  if (digits_open(argc > 1 ? argv[1] : DIGITS_WEIGHTS_FILE, 1, &engine,
                  &error)) {
    fprintf(stderr, "%s\n", error.text);
    return 1;
  }
  tc_status status = digits_run(engine, pixels, 1, scores);
  digits_close(engine);
  if (status) {
    fprintf(stderr, "%s\n", tc_status_text(status));
    return 1;
  }
  int best = 0;
  for (int i = 1; i < DIGITS_OUTPUT_SIZE; ++i)
    if (scores[i] > scores[best])
      best = i;
  printf("%d\n", best);
  return 0;
}
