#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace headroom::app {

/// How far a long command is, on one line of stderr: a bar on a terminal, a line a tenth elsewhere.
class ProgressBar {
  public:
    explicit ProgressBar(std::string name);
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    /// `done` of 1, and what is being done.
    void show(double done, std::string_view what);

  private:
    std::string name_;
    bool is_terminal_;
    bool is_open_ = false;  // a line stands without its end
    int tenths_ = -1;
    std::chrono::steady_clock::time_point begun_;
    std::chrono::steady_clock::time_point drawn_;
};

}  // namespace headroom::app
