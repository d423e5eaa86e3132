#include "app/progress_bar.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <utility>

namespace headroom::app {
namespace {

constexpr int bar_width = 30;
constexpr std::chrono::milliseconds redraw{100};

}  // namespace

ProgressBar::ProgressBar(std::string name)
    : name_(std::move(name)),
      is_terminal_(isatty(STDERR_FILENO) == 1),
      begun_(std::chrono::steady_clock::now()) {}

ProgressBar::~ProgressBar() {
    if (is_open_) {
        std::cerr << "\r\033[K" << std::flush;
    }
}

void ProgressBar::show(double done, std::string_view what) {
    done = std::clamp(done, 0.0, 1.0);
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - begun_).count();
    if (!is_terminal_) {
        if (const int tenths = static_cast<int>(done * 10.0); tenths > tenths_) {
            tenths_ = tenths;
            std::cerr << fmt::format("{}: {:3.0f} % after {:.0f} s, {}\n", name_, 100.0 * done, seconds,
                                     what);
        }
        return;
    }
    if (is_open_ && now - drawn_ < redraw && done < 1.0) {
        return;
    }
    drawn_ = now;
    is_open_ = true;
    const int filled = static_cast<int>(done * bar_width);
    std::cerr << fmt::format("\r\033[K{} [{:#<{}}{:.<{}}] {:3.0f} % {:.0f} s {}", name_, "", filled, "",
                             bar_width - filled, 100.0 * done, seconds, what)
              << std::flush;
}

}  // namespace headroom::app
