#include "app/ingest_progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>

namespace headroom::app {
namespace {

constexpr std::size_t ingest_bar_width = 30;
constexpr auto shown_every = std::chrono::milliseconds{200};

}  // namespace

std::string with_commas(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

std::string IngestProgress::line(double done, std::uint64_t readings, double per_s) {
    const double part = std::clamp(done, 0.0, 1.0);
    const auto full = static_cast<std::size_t>(part * static_cast<double>(ingest_bar_width));
    return fmt::format("[{}{}] {:3.0f} %  {} readings  {}/s", std::string(full, '#'),
                       std::string(ingest_bar_width - full, '-'), std::floor(part * 100.0),
                       with_commas(readings), with_commas(static_cast<std::uint64_t>(per_s)));
}

void IngestProgress::show(double done, std::uint64_t readings, SteadyTime now) {
    if (!is_shown_) {
        return;
    }
    if (begun_ == SteadyTime{}) {
        begun_ = now;
    }
    if (is_dirty_ && now - last_ < shown_every) {
        return;
    }
    const double seconds_gone = std::max(0.001, std::chrono::duration<double>(now - begun_).count());
    std::cerr << '\r' << line(done, readings, static_cast<double>(readings) / seconds_gone) << "\x1b[K"
              << std::flush;
    is_dirty_ = true;
    last_ = now;
}

void IngestProgress::end() {
    if (is_dirty_) {
        std::cerr << "\r\x1b[K" << std::flush;
        is_dirty_ = false;
    }
}

}  // namespace headroom::app
