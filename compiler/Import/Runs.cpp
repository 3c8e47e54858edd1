// Blocks of two kinds as repeats: of a pattern, and of what is left of one.
#include "compiler/Import/Families.h"

using namespace llvm;

namespace importer {

/// The run from block `first` on that covers most; of several blocks only where
/// these come again.
static Run nextRun(const std::vector<bool> &kinds, int64_t first) {
  int64_t left = int64_t(kinds.size()) - first;
  Run best{first, 1, 1};
  for (int64_t period = 1; period <= std::min<int64_t>(left / 2, 16);
       ++period) {
    int64_t same = period;
    while (same < left &&
           kinds[size_t(first + same)] == kinds[size_t(first + same - period)])
      ++same;
    bool isAgain = period == 1 || same >= 2 * period;
    if (isAgain && same / period * period > best.period * best.count)
      best = {first, period, same / period};
  }
  return best;
}

void addBlocks(Import &import, const std::vector<bool> &kinds,
               function_ref<spec::Layers(bool kind)> blockOf) {
  import.runs.clear();
  for (int64_t first = 0; first < int64_t(kinds.size());) {
    Run run = nextRun(kinds, first);
    spec::Layers blocks;
    for (int64_t i = first; i < first + run.period; ++i)
      for (spec::Layer &layer : blockOf(kinds[size_t(i)]))
        blocks.push_back(std::move(layer));
    import.spec.layers.push_back(
        makeLayer(repeatOf(run.count, std::move(blocks))));
    import.runs.push_back(run);
    first += run.period * run.count;
  }
}

} // namespace importer
