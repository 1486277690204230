// A loop over independent items on a few threads. Plain std::thread and not OpenMP: PyTorch brings its own OpenMP
// runtime, and two runtimes spin against each other on a small machine. Starting a thread costs about 20 us.
#pragma once
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

namespace spaceport {

// Calls work(i) once for each i in [0, count), on `threads` threads that take items as they become free. An exception
// ends the loop and is thrown again here.
template <typename Work>
void parallel_for(int count, int threads, const Work& work) {
  std::atomic<int> next{0};
  std::atomic<bool> failed{false};
  std::exception_ptr failure;
  auto loop = [&] {
    try {
      for (int i = next.fetch_add(1); i < count && !failed; i = next.fetch_add(1)) work(i);
    } catch (...) {
      if (!failed.exchange(true)) failure = std::current_exception();
    }
  };
  std::vector<std::thread> helpers;
  helpers.reserve(threads > 0 ? threads : 0);
  for (int t = 1; t < threads && t < count; ++t) helpers.emplace_back(loop);
  loop();
  for (auto& helper : helpers) helper.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace spaceport
