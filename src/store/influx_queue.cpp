#include "store/influx_queue.hpp"

#include "core/result.hpp"

#include <algorithm>
#include <utility>

namespace headroom::store::influx {

void Queue::give(std::string_view text, std::size_t lines, SteadyTime now) {
    counts_.given += lines;
    counts_.queued += lines;
    while (!text.empty()) {
        const bool is_front_taken = is_under_way_ && batches_.size() == 1;
        if (batches_.empty() || is_front_taken || batches_.back().lines >= options_.batch_lines ||
            batches_.back().text.size() >= options_.batch_bytes) {
            batches_.emplace_back();
            newest_began_ = now;
        }
        Batch& batch = batches_.back();
        const std::size_t end = text.find('\n');
        HEADROOM_ASSERT(end != std::string_view::npos);
        batch.text += text.substr(0, end + 1);
        batch.lines += 1;
        bytes_ += end + 1;
        text.remove_prefix(end + 1);
    }
    keep_bounds();
}

/// Oldest first; the one on its way is not touched, for it may be written already.
void Queue::keep_bounds() {
    while (counts_.queued > options_.lines_max || bytes_ > options_.bytes_max) {
        const std::size_t oldest = is_under_way_ ? 1 : 0;
        if (batches_.size() <= oldest) {
            return;
        }
        const auto place = batches_.begin() + static_cast<std::ptrdiff_t>(oldest);
        counts_.queued -= place->lines;
        counts_.dropped += place->lines;
        bytes_ -= place->text.size();
        batches_.erase(place);
    }
}

std::optional<Batch> Queue::take(SteadyTime now, bool is_urgent) {
    HEADROOM_ASSERT(!is_under_way_);
    if (batches_.empty() || now < not_before_) {
        return std::nullopt;
    }
    const bool may_grow = batches_.size() == 1 && batches_.front().lines < options_.batch_lines &&
                          now < newest_began_ + options_.linger;
    if (may_grow && !is_urgent) {
        return std::nullopt;
    }
    is_under_way_ = true;
    counts_.requests += 1;
    return batches_.front();
}

std::optional<SteadyTime> Queue::next_time() const {
    if (batches_.empty() || is_under_way_) {
        return std::nullopt;
    }
    const bool may_grow = batches_.size() == 1 && batches_.front().lines < options_.batch_lines;
    return std::max(not_before_, may_grow ? newest_began_ + options_.linger : not_before_);
}

void Queue::answered(const Answer& answer, SteadyTime now) {
    HEADROOM_ASSERT(is_under_way_);
    is_under_way_ = false;
    if (!answer.fault.empty()) {
        counts_.fault = answer.fault;
    }
    if (answer.kind == Answer::Kind::later) {
        return come_back_later(answer, now);
    }
    counts_.is_away = false;
    delay_ = milliseconds{0};
    not_before_ = SteadyTime{};
    Batch& front = batches_.front();
    const bool is_known = answer.bad_line > 0 && answer.bad_line <= front.lines;
    if (answer.kind == Answer::Kind::one_is_bad && is_known) {
        return drop_line(answer.bad_line);
    }
    const bool may_split = front.lines > 1 && (answer.kind == Answer::Kind::one_is_bad ||
                                               answer.kind == Answer::Kind::too_large);
    if (may_split) {
        return split_front();
    }
    const std::size_t rejected =
        answer.kind == Answer::Kind::written ? std::min(answer.rejected, front.lines) : front.lines;
    counts_.rejected += rejected;
    counts_.written += front.lines - rejected;
    counts_.queued -= front.lines;
    bytes_ -= front.text.size();
    batches_.pop_front();
}

void Queue::come_back_later(const Answer& answer, SteadyTime now) {
    counts_.is_away = true;
    counts_.retries += 1;
    delay_ = delay_ == milliseconds{0} ? options_.retry_first : std::min(delay_ * 2, options_.retry_max);
    const milliseconds asked =
        std::min(answer.retry_after.value_or(milliseconds{0}), options_.retry_after_max);
    not_before_ = now + std::max(delay_, asked);
    keep_bounds();
}

/// In halves until the line that is refused stands alone.
void Queue::split_front() {
    Batch first;
    Batch& second = batches_.front();
    std::size_t end = 0;
    for (; first.lines < second.lines / 2; ++first.lines) {
        end = second.text.find('\n', end) + 1;
    }
    first.text = second.text.substr(0, end);
    second.text.erase(0, end);
    second.lines -= first.lines;
    batches_.push_front(std::move(first));
}

void Queue::drop_line(std::size_t line) {
    Batch& front = batches_.front();
    std::size_t begin = 0;
    for (std::size_t i = 1; i < line; ++i) {
        begin = front.text.find('\n', begin) + 1;
    }
    const std::size_t end = front.text.find('\n', begin) + 1;
    front.text.erase(begin, end - begin);
    front.lines -= 1;
    bytes_ -= end - begin;
    counts_.rejected += 1;
    counts_.queued -= 1;
    if (front.lines == 0) {
        batches_.pop_front();
    }
}

}  // namespace headroom::store::influx
