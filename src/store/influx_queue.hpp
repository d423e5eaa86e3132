#pragma once

#include "core/clock.hpp"
#include "core/time.hpp"
#include "store/series_sink.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::store::influx {

struct QueueOptions {
    std::size_t batch_lines = 5'000;
    std::size_t batch_bytes = 4UL * 1024 * 1024;
    std::size_t lines_max = 2'000'000;            ///< beyond, the oldest batches are dropped
    std::size_t bytes_max = 512UL * 1024 * 1024;  ///< the same
    milliseconds linger{1'000};                   ///< a batch that is not full waits so long for more
    milliseconds retry_first{200};                ///< doubled each time …
    milliseconds retry_max{30'000};               ///< … up to this
    milliseconds retry_after_max{300'000};        ///< of what a server may ask for
};

struct Batch {
    std::string text;
    std::size_t lines = 0;
};

/// What an answer means for the batch that it answers.
struct Answer {
    enum class Kind {
        written,     ///< all, but for `rejected` lines
        one_is_bad,  ///< nothing was written because of line `bad_line`, or of one that is not told
        too_large,
        rejected,  ///< nothing was written and nothing will be
        later,     ///< nothing was written; it may be tried again
    };
    Kind kind = Kind::later;
    std::size_t rejected = 0;
    std::size_t bad_line = 0;  ///< from 1; 0 = not told
    std::optional<milliseconds> retry_after = std::nullopt;
    std::string fault = {};
};

/// Lines on their way, in order and in batches, with a bound, and when to try again. Knows neither threads
/// nor sockets; time is handed in. Every line given ends as written, rejected or dropped, or is queued.
class Queue {
  public:
    explicit Queue(QueueOptions options) : options_(options) {}

    /// Whole lines, each with its newline.
    void give(std::string_view text, std::size_t lines, SteadyTime now);
    /// The next batch when there is one and it may be sent now. It is to be answered before the next is
    /// taken.
    [[nodiscard]] std::optional<Batch> take(SteadyTime now, bool is_urgent = false);
    void answered(const Answer& answer, SteadyTime now);
    /// When `take` may have something; nothing when it waits for lines.
    [[nodiscard]] std::optional<SteadyTime> next_time() const;
    [[nodiscard]] const SinkCounts& counts() const { return counts_; }

  private:
    void keep_bounds();
    void split_front();
    void drop_line(std::size_t line);
    void come_back_later(const Answer& answer, SteadyTime now);

    QueueOptions options_;
    std::deque<Batch> batches_;  // the front one may be on its way
    std::size_t bytes_ = 0;
    bool is_under_way_ = false;
    SteadyTime newest_began_{};  // of the batch at the back
    SteadyTime not_before_{};
    milliseconds delay_{0};
    SinkCounts counts_;
};

}  // namespace headroom::store::influx
