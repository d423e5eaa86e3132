#include "telemetry/usual_layout.hpp"

#include "telemetry/usual_number.hpp"
#include "telemetry/usual_text.hpp"

#include <algorithm>
#include <cstring>

namespace headroom::telemetry {
namespace {

using M = UsualReading;

constexpr unsigned texts = M::id_member | M::start_member | M::end_member | M::source_member |
                           M::quantity_member | M::quality_member | M::phase_member;
/// No id is longer than 64, and no other text of a reading that is any good.
constexpr std::size_t text_blocks_max = 6;
constexpr std::size_t value_bytes_max = text_blocks_max * text_block;

}  // namespace

static_assert(UsualLayout::reach_max >= 9 * value_bytes_max + 10 * 64 + text_block);

bool UsualLayout::set_between(Part& part, const char* from, const char* to) {
    const auto size = static_cast<std::size_t>(to - from);
    if (size > between_max) {
        return false;
    }
    part.between_size = static_cast<std::uint8_t>(size);
    std::memcpy(part.between.data(), from, size);
    return true;
}

void UsualLayout::learn(const char* text, Blank blank) {
    if (to_learn_.is_over(has_served_)) {
        has_served_ = false;
        learn_now(text, blank);
    }
}

void UsualLayout::learn_now(const char* text, Blank blank) {
    count_ = 0;
    reach_ = 0;
    twin_.forget();
    UsualReading reading;
    UsualPlaces found;
    const char* const end = read_usual_object(text, blank, reading, found);
    if (end == nullptr) {
        return;
    }
    const char* at = text;
    std::size_t reach = 0;
    for (std::size_t i = 0; i < found.count; ++i) {
        const UsualPlaces::Place& place = found.places[i];
        Part& part = parts_[i];
        part.member = place.bits & (texts | M::value_member | M::seq_member);
        part.seen_size = 0;
        const bool is_text = (place.bits & texts) != 0;
        if (!set_between(part, at, place.begin + (is_text ? 1 : 0))) {
            return;
        }
        at = place.end;
        reach += part.between_size + value_bytes_max;
    }
    if (found.count == 0 || !set_between(parts_[found.count], at, end)) {
        return;
    }
    count_ = found.count;
    has_ = reading.has;
    // A comparison reads whole blocks.
    reach_ = reach + parts_[found.count].between_size + text_block;
}

/// A text whose opening quote is behind us. `is_seen` tells whether it is the one before.
const char* UsualLayout::read_text(Part& part, const char* text, std::string_view& out, bool& is_seen) {
    is_seen = part.seen_size > 0 && begins_as(text, part.seen.data(), part.seen_size);
    if (is_seen) [[likely]] {
        out = {text, part.seen_size - std::size_t{1}};
        return text + part.seen_size;
    }
    const char* const end = end_of_text(text, text_blocks_max);
    if (end == nullptr) {
        return nullptr;
    }
    out = {text, static_cast<std::size_t>(end - text)};
    part.seen_size = static_cast<std::uint8_t>(out.size() < seen_max ? out.size() + 1 : 0);
    std::memcpy(part.seen.data(), text, part.seen_size);
    return end + 1;
}

template <class T, class Parse>
const char* UsualLayout::read_word(Part& part, const char* text, Parse parse, T& out) {
    std::string_view word;
    bool is_seen = false;
    const char* const end = read_text(part, text, word, is_seen);
    if (end == nullptr) {
        return nullptr;
    }
    if (!is_seen) {
        const auto known = parse(word);
        if (!known) {
            part.seen_size = 0;
            return nullptr;
        }
        part.seen_word = static_cast<std::uint8_t>(*known);
    }
    out = static_cast<T>(part.seen_word);
    return end;
}

const char* UsualLayout::read_value(Part& part, const char* text, UsualReading& out) {
    bool is_seen = false;
    switch (part.member) {
        case M::value_member:
            return read_usual_number(text, out.value);
        case M::seq_member:
            return read_usual_seq(text, out.seq);
        case M::id_member: {
            const char* const end = end_of_text(text, text_blocks_max);
            out.id = {text, static_cast<std::size_t>(end == nullptr ? 0 : end - text)};
            return end == nullptr ? end : end + 1;
        }
        case M::start_member:
            return read_text(part, text, out.start, is_seen);
        case M::end_member:
            return read_text(part, text, out.end, is_seen);
        case M::source_member:
            return read_text(part, text, out.source, is_seen);
        case M::quantity_member:
            return read_word(part, text, grid::parse_quantity, out.quantity);
        case M::quality_member:
            return read_word(part, text, parse_quality, out.quality);
        default:
            break;
    }
    if (text[0] == 'L' && static_cast<unsigned char>(text[1] - '1') < 3 && text[2] == '"') {
        constexpr std::array<grid::Phase, 3> phases{grid::Phase::l1, grid::Phase::l2, grid::Phase::l3};
        out.phase = phases[static_cast<std::size_t>(text[1] - '1')];
        return text + 3;
    }
    return read_word(part, text, grid::parse_phase, out.phase);
}

// In one piece: a call costs as much as half of what is read here.
[[gnu::flatten]] const char* UsualLayout::read_parts(const char* text, UsualReading& out) {
    const char* const begin = text;
    UsualTwin::Places places;
    for (std::size_t i = 0; i < count_; ++i) {
        Part& part = parts_[i];
        if (!begins_as(text, part.between.data(), part.between_size)) {
            return nullptr;
        }
        text += part.between_size;
        places.value = part.member == M::value_member ? text : places.value;
        places.phase = part.member == M::phase_member ? text : places.phase;
        places.seq = part.member == M::seq_member ? text : places.seq;
        text = read_value(part, text, out);
        if (text == nullptr) {
            return nullptr;
        }
    }
    const Part& behind = parts_[count_];
    if (count_ == 0 || !begins_as(text, behind.between.data(), behind.between_size)) {
        return nullptr;
    }
    text += behind.between_size;
    out.has = has_;
    has_served_ = true;
    if (to_seek_.is_over(has_twins_)) {
        seek_twin(begin, text, places, out);
    }
    return text;
}

[[gnu::noinline]] void UsualLayout::seek_twin(const char* begin, const char* end,
                                              const UsualTwin::Places& places, const UsualReading& reading) {
    twin_.keep(begin, end, places, reading);
    has_twins_ = false;
}

}  // namespace headroom::telemetry
