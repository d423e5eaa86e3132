#include "telemetry/cbor_decoder.hpp"

#include "telemetry/validate.hpp"

#include <cmath>
#include <utility>

namespace headroom::telemetry {
namespace {

constexpr std::uint64_t tag_text_time = 0;
constexpr std::uint64_t tag_epoch_time = 1;
constexpr std::uint64_t tag_self_described = 55799;
constexpr double epoch_s_max = 7'258'118'400.0;  // the year 2200

using Major = CborReader::Major;

}  // namespace

Result<void> CborDecoder::decode(std::string_view document, std::vector<Reading>& out) {
    const std::size_t out_before = out.size();
    const DecodeReport report_before = report_;
    CborReader reader(document);
    std::optional<CborReader::Head> head = reader.next();
    if (head && head->major == Major::tag && head->value == tag_self_described) {
        head = reader.next();
    }
    const bool is_readings = head && (head->major == Major::map || head->major == Major::array);
    if (is_readings && head->major == Major::map) {
        read_map(reader, *head, {}, out);
    } else if (is_readings) {
        read_entries(reader, *head, out);
    }
    if (!is_readings || reader.failed() || !reader.at_end()) {
        out.resize(out_before);
        report_ = report_before;
        return Error{Errc::invalid, reader.failed() ? "the body is not well-formed CBOR"
                                                    : "the body is not one CBOR map or array"};
    }
    return {};
}

void CborDecoder::read_entries(CborReader& reader, const CborReader::Head& head, std::vector<Reading>& out) {
    ReadingPlace place{.kind = ReadingPlace::Kind::entry};
    for (; !reader.failed() && (head.is_indefinite ? !reader.take_break() : place.number < head.value);
         ++place.number) {
        const std::optional<CborReader::Head> entry = reader.peek();
        if (entry && entry->major == Major::map) {
            static_cast<void>(reader.next());
            read_map(reader, *entry, place, out);
            continue;
        }
        reader.skip();
        report_.received += 1;
        report_.quarantine(error_at(place, {Quarantine::malformed, "", "a reading must be a map"}));
    }
}

void CborDecoder::read_map(CborReader& reader, const CborReader::Head& head, ReadingPlace place,
                           std::vector<Reading>& out) {
    builder_.begin();
    ReadingMembers members;
    for (std::uint64_t i = 0;
         !reader.failed() && (head.is_indefinite ? !reader.take_break() : i < head.value); ++i) {
        const std::optional<std::string_view> name = reader.text(rooms_.name);
        if (name) {
            read_member(reader, *name, members);
        } else {
            reader.skip();  // under a name that is no text: passed over, as unknown ones are
        }
    }
    if (reader.failed()) {
        return;
    }
    report_.received += 1;
    Reading reading;
    if (!builder_.fault()) {
        builder_.resolve(members, reading);
    }
    if (builder_.fault()) {
        report_.quarantine(error_at(place, std::move(*builder_.fault())));
    } else {
        out.push_back(reading);
    }
}

void CborDecoder::read_text(CborReader& reader, std::string_view member, std::string& room,
                            std::optional<std::string_view>& out) {
    if (out) {
        builder_.refuse(Quarantine::malformed, member,
                        std::string(member) + " stands twice, or under two names");
        return reader.skip();
    }
    out = reader.text(room);
    if (!out) {
        builder_.refuse(Quarantine::malformed, member, std::string(member) + " must be text");
    }
}

template <class T, class Parse>
void CborDecoder::read_word(CborReader& reader, std::string_view member, Parse parse, std::optional<T>& out) {
    std::optional<std::string_view> text;
    read_text(reader, member, rooms_.word, text);
    if (!text) {
        return;
    }
    if (out) {
        builder_.refuse(Quarantine::malformed, member, std::string(member) + " stands twice");
    }
    out = parse(*text);
    if (!out) {
        builder_.refuse(Quarantine::malformed, member,
                        std::string(member) + " is " + quoted(*text) + ", which is not a word known here");
    }
}

/// Text, under tag 0 or none; or seconds since 1970 under tag 1.
void CborDecoder::read_time(CborReader& reader, std::string_view member, std::string& room,
                            std::optional<std::string_view>& text, std::optional<UtcTime>& time) {
    const std::optional<CborReader::Head> head = reader.peek();
    if (!head || head->major != Major::tag ||
        (head->value != tag_text_time && head->value != tag_epoch_time)) {
        return read_text(reader, member, room, text);
    }
    static_cast<void>(reader.next());
    if (head->value == tag_text_time) {
        return read_text(reader, member, room, text);
    }
    const std::optional<double> epoch_s = reader.number();
    if (!epoch_s) {
        return builder_.refuse(Quarantine::malformed, member,
                               std::string(member) + " must be text, or a number under tag 1");
    }
    if (time || text) {
        return builder_.refuse(Quarantine::malformed, member,
                               std::string(member) + " stands twice, or under two names");
    }
    if (!(*epoch_s >= 0.0 && *epoch_s <= epoch_s_max)) {
        return builder_.refuse(Quarantine::bad_time, member,
                               std::string(member) + " is outside the years 1970 to 2200");
    }
    time = UtcTime{milliseconds{std::llround(*epoch_s * 1000.0)}};
}

void CborDecoder::read_member(CborReader& reader, std::string_view name, ReadingMembers& members) {
    if (name == "feeder" || name == "feeder_id" || name == "point_id") {
        return read_text(reader,
                         name == "feeder"      ? "feeder"
                         : name == "feeder_id" ? "feeder_id"
                                               : "point_id",
                         rooms_.id, members.id);
    }
    if (name == "ts" || name == "timestamp" || name == "interval_start") {
        const std::string_view member = name == "ts"          ? "ts"
                                        : name == "timestamp" ? "timestamp"
                                                              : "interval_start";
        if (members.start_time) {
            builder_.refuse(Quarantine::malformed, member,
                            std::string(member) + " stands twice, or under two names");
        }
        members.start_member = member;
        return read_time(reader, member, rooms_.start, members.start, members.start_time);
    }
    if (name == "kw" || name == "value") {
        if (members.value) {
            builder_.refuse(Quarantine::malformed, name == "kw" ? "kw" : "value",
                            "the value stands twice, or under two names");
        }
        members.value_member = name == "kw" ? "kw" : "value";
        members.value = reader.number();
        if (!members.value) {
            builder_.refuse(Quarantine::malformed, members.value_member,
                            std::string(members.value_member) + " must be a finite number");
        }
        return;
    }
    read_optional_member(reader, name, members);
}

void CborDecoder::read_optional_member(CborReader& reader, std::string_view name, ReadingMembers& members) {
    if (reader.take_nothing()) {
        return;
    }
    if (name == "phase") {
        return read_word(reader, "phase", grid::parse_phase, members.phase);
    }
    if (name == "quantity") {
        return read_word(reader, "quantity", grid::parse_quantity, members.quantity);
    }
    if (name == "quality") {
        return read_word(reader, "quality", parse_quality, members.quality);
    }
    if (name == "interval_end") {
        return read_time(reader, "interval_end", rooms_.end, members.end, members.end_time);
    }
    if (name == "source") {
        return read_text(reader, "source", rooms_.source, members.source);
    }
    if (name == "seq") {
        const std::optional<std::uint64_t> seq = reader.unsigned_integer();
        if (!seq) {
            return builder_.refuse(Quarantine::malformed, "seq", "seq must be a whole number from 0");
        }
        members.seq = *seq;
        return;
    }
    reader.skip();
}

}  // namespace headroom::telemetry
