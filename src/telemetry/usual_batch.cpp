#include "telemetry/usual_batch.hpp"

#include "core/ids.hpp"
#include "telemetry/validate.hpp"

#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace headroom::telemetry {
namespace {

constexpr std::size_t date_size = 11;    // 2026-11-20T
constexpr std::size_t clock_start = 11;  // 17:00:00Z

/// Seconds of the day of hh:mm:ssZ; nothing for any other form.
std::optional<unsigned> seconds_of_day(const char* text) {
    const auto digit = [text](std::size_t i) { return static_cast<unsigned>(text[i] - '0'); };
    if (text[2] != ':' || text[5] != ':' || text[8] != 'Z' || digit(0) > 9 || digit(1) > 9 || digit(3) > 5 ||
        digit(4) > 9 || digit(6) > 5 || digit(7) > 9) {
        return std::nullopt;
    }
    const unsigned hour = digit(0) * 10 + digit(1);
    return hour > 23
               ? std::nullopt
               : std::optional(hour * 3600 + (digit(3) * 10 + digit(4)) * 60 + digit(6) * 10 + digit(7));
}

/// Plausible values by quantity, looked up once.
struct Ranges {
    std::array<ValueRange, 8> by_quantity{};
    Ranges() {
        for (std::size_t i = 0; i < by_quantity.size(); ++i) {
            by_quantity[i] = plausible_range(static_cast<grid::Quantity>(i));
        }
    }
};
const Ranges ranges;

std::string_view start_name(const UsualReading& members) {
    return (members.has & UsualReading::ts_name) != 0          ? "ts"
           : (members.has & UsualReading::timestamp_name) != 0 ? "timestamp"
                                                               : "interval_start";
}

ReadingMembers members_of(const UsualReading& usual) {
    using M = UsualReading;
    const auto has = [&usual](unsigned member) { return (usual.has & member) != 0; };
    ReadingMembers members;
    const auto text = [&has](unsigned member, std::string_view view) {
        return has(member) ? std::optional(view) : std::nullopt;
    };
    members.id = text(M::id_member, usual.id);
    members.start = text(M::start_member, usual.start);
    members.end = text(M::end_member, usual.end);
    members.source = text(M::source_member, usual.source);
    members.value = has(M::value_member) ? std::optional(usual.value) : std::nullopt;
    members.quantity = has(M::quantity_member) ? std::optional(usual.quantity) : std::nullopt;
    members.phase = has(M::phase_member) ? std::optional(usual.phase) : std::nullopt;
    members.quality = has(M::quality_member) ? std::optional(usual.quality) : std::nullopt;
    members.seq = has(M::seq_member) ? usual.seq : 0;
    members.value_member = has(M::kw_name) ? "kw" : "value";
    members.start_member = start_name(usual);
    return members;
}

}  // namespace

/// Neighbours share their time mostly.
inline bool UsualBatch::time_of(std::string_view text, UtcTime& out) {
    if (text.size() == last_time_text_.size() &&
        std::memcmp(text.data(), last_time_text_.data(), last_time_text_.size()) == 0) {
        out = last_time_;
        return true;
    }
    return other_time_of(text, out);
}

[[gnu::noinline]] bool UsualBatch::other_time_of(std::string_view text, UtcTime& out) {
    if (text.size() == last_time_text_.size()) {
        if (std::memcmp(text.data(), last_time_text_.data(), date_size) == 0) {
            if (const std::optional<unsigned> second = seconds_of_day(text.data() + clock_start)) {
                last_time_ = std::chrono::floor<std::chrono::days>(last_time_) + seconds{*second};
                std::memcpy(last_time_text_.data(), text.data(), last_time_text_.size());
                out = last_time_;
                return true;
            }
        }
        const TimeReading read = read_time(text);
        if (!read.fault && text.back() == 'Z') {
            std::memcpy(last_time_text_.data(), text.data(), last_time_text_.size());
            last_time_ = read.time;
        }
        out = read.time;
        return !read.fault;
    }
    if (text.size() == 24 && text[19] == '.' && text[23] == 'Z') {  // with milliseconds
        const auto digit = [text](std::size_t i) { return static_cast<unsigned>(text[i] - '0'); };
        std::array<char, 20> whole{};
        std::memcpy(whole.data(), text.data(), 19);
        whole[19] = 'Z';
        if (digit(20) < 10 && digit(21) < 10 && digit(22) < 10 &&
            time_of(std::string_view(whole.data(), whole.size()), out)) {
            out += milliseconds{digit(20) * 100 + digit(21) * 10 + digit(22)};
            return true;
        }
    }
    const TimeReading read = read_time(text);
    out = read.time;
    return !read.fault;
}

[[gnu::noinline]] bool UsualBatch::is_source(std::string_view text) {
    if (text.size() == last_source_size_ && std::memcmp(text.data(), last_source_.data(), text.size()) == 0) {
        return true;
    }
    if (!is_valid_id(text)) {
        return false;
    }
    HEADROOM_ASSERT(text.size() <= last_source_.size());
    std::memcpy(last_source_.data(), text.data(), text.size());
    last_source_size_ = text.size();
    return true;
}

/// False when anything about the reading needs a second look.
bool UsualBatch::read_plainly(const UsualReading& members, Waiting& waiting) {
    using M = UsualReading;
    constexpr unsigned needed = M::id_member | M::start_member | M::value_member;
    const unsigned has = members.has;
    Reading& reading = waiting.reading;
    const grid::Quantity quantity = (has & M::quantity_member) != 0 ? members.quantity : grid::Quantity::p_kw;
    if ((has & needed) != needed || ((has & M::kw_name) != 0 && quantity != grid::Quantity::p_kw) ||
        !time_of(members.start, reading.interval_start)) {
        return false;
    }
    reading.interval_end = reading.interval_start;
    if ((has & M::end_member) != 0 && !time_of(members.end, reading.interval_end)) {
        return false;
    }
    const JsonDecoderOptions& options = builder_.options();
    const ValueRange& range = ranges.by_quantity[static_cast<std::size_t>(quantity)];
    if (!(reading.interval_start <= reading.interval_end &&
          reading.interval_end - reading.interval_start <= interval_max &&
          reading.interval_end <= options.now + options.future_tolerance) ||
        !(members.value >= range.min && members.value <= range.max)) {
        return false;
    }
    reading.value = members.value;
    reading.seq = (has & M::seq_member) != 0 ? members.seq : 0;
    reading.quality = (has & M::quality_member) != 0 ? members.quality : Quality::measured;
    reading.source = builder_.default_source();
    if ((has & M::source_member) != 0 && !is_source(members.source)) {
        return false;
    }
    // Made where it stays: a copy of what has just been written would wait for the writing.
    static_assert(std::is_trivially_destructible_v<PointQuery>);
    ::new (&waiting.query) PointQuery(builder_.registry().ask(
        members.id, quantity, (has & M::phase_member) != 0 ? members.phase : grid::Phase::sum));
    return true;
}

// In one piece, but for what is seldom.
[[gnu::flatten]] void UsualBatch::take(ReadingPlace place, std::vector<Reading>& out) {
    Waiting& waiting = waiting_[put_ % depth];
    waiting.place = place;
    waiting.is_plain = read_plainly(waiting.members, waiting);
    ++put_;
    if (put_ - looked_ > first_look) {
        look(waiting_[looked_++ % depth]);
    }
    if (put_ - taken_ == depth) {
        finish(waiting_[taken_++ % depth], out);
    }
}

void UsualBatch::look(Waiting& waiting) {
    if (waiting.is_plain) {
        builder_.registry().look(waiting.query);
    }
}

void UsualBatch::drain(std::vector<Reading>& out) {
    while (looked_ != put_) {
        look(waiting_[looked_++ % depth]);
    }
    while (taken_ != put_) {
        finish(waiting_[taken_++ % depth], out);
    }
}

void UsualBatch::finish(Waiting& waiting, std::vector<Reading>& out) {
    if (waiting.is_plain) {
        const PointRef point = builder_.registry().find(waiting.query);
        if (point != no_point) {
            const bool has_source = (waiting.members.has & UsualReading::source_member) != 0;
            const std::uint16_t source =
                has_source ? builder_.source_of(waiting.members.source) : waiting.reading.source;
            // Copied first: what has just been written cannot be read in wider words at once.
            out.push_back(waiting.reading);
            out.back().point = point;
            out.back().source = source;
            return;
        }
    }
    resolve(waiting, out);
}

[[gnu::noinline]] void UsualBatch::resolve(const Waiting& waiting, std::vector<Reading>& out) {
    builder_.begin();
    Reading reading;
    builder_.resolve(members_of(waiting.members), reading);
    if (builder_.fault()) {
        report_.quarantine(error_at(waiting.place, std::move(*builder_.fault())));
    } else {
        out.push_back(reading);
    }
}

}  // namespace headroom::telemetry
