#include "telemetry/json_reader.hpp"

#include "telemetry/validate.hpp"

#include <utility>

namespace headroom::telemetry {
namespace {

std::string_view token_of(ondemand::value& value) {
    std::string_view token = value.raw_json_token();
    while (!token.empty() &&
           (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' || token.back() == '\t')) {
        token.remove_suffix(1);
    }
    return token;
}

/// A text's token as it stands between its quotes.
std::string_view without_quotes(std::string_view token) {
    token.remove_prefix(1);
    token.remove_suffix(token.ends_with('"') ? 1 : 0);
    return token;
}

}  // namespace

simdjson::error_code JsonDecoder::Reader::read_text(ondemand::value value, std::string_view member,
                                                    std::optional<std::string_view>& out) {
    if (out) {
        refuse(Quarantine::malformed, member, std::string(member) + " stands twice, or under two names");
    }
    std::string_view text;
    const simdjson::error_code code = value.get_string().get(text);
    if (code == simdjson::SUCCESS) {
        out = text;
        return code;
    }
    if (!is_broken_document(code)) {
        refuse(Quarantine::malformed, member,
               std::string(member) + " must be text, not " + quoted(token_of(value)));
    }
    return code;
}

simdjson::error_code JsonDecoder::Reader::read_number(ondemand::value value, std::string_view member,
                                                      ReadingMembers& members) {
    if (members.value) {
        refuse(Quarantine::malformed, member, "the value stands twice, or under two names");
    }
    members.value_member = member;
    double number = 0.0;
    const simdjson::error_code code = value.get_double().get(number);
    if (code == simdjson::SUCCESS) {
        members.value = number;
        return code;
    }
    if (!is_broken_document(code)) {
        const std::string_view token = token_of(value);
        const bool is_number_like = token.find_first_of("0123456789NIi") == 0 ||
                                    (token.size() > 1 && (token[0] == '-' || token[0] == '+')) ||
                                    token.starts_with("nan");
        refuse(is_number_like ? Quarantine::not_finite : Quarantine::malformed, member,
               std::string(member) + " must be a finite number, not " +
                   (token.starts_with('"') ? "the text " + quoted(without_quotes(token)) : quoted(token)));
    }
    return code;
}

template <class T, class Parse>
simdjson::error_code JsonDecoder::Reader::read_word(ondemand::value value, std::string_view member,
                                                    Parse parse, std::optional<T>& out) {
    std::optional<std::string_view> text;
    const simdjson::error_code code = read_text(value, member, text);
    if (!text) {
        return code;
    }
    if (out) {
        refuse(Quarantine::malformed, member, std::string(member) + " stands twice");
    }
    out = parse(*text);
    if (!out) {
        refuse(Quarantine::malformed, member,
               std::string(member) + " is " + quoted(*text) + ", which is not a word known here");
    }
    return code;
}

simdjson::error_code JsonDecoder::Reader::read_member(ondemand::field& field, ReadingMembers& members) {
    std::string_view key;
    if (const simdjson::error_code code = field.unescaped_key().get(key)) {
        return code;
    }
    ondemand::value value = field.value();
    if (key == "feeder" || key == "feeder_id" || key == "point_id") {
        return read_text(value,
                         key == "feeder"      ? "feeder"
                         : key == "feeder_id" ? "feeder_id"
                                              : "point_id",
                         members.id);
    }
    if (key == "ts" || key == "timestamp" || key == "interval_start") {
        members.start_member = key == "ts" ? "ts" : key == "timestamp" ? "timestamp" : "interval_start";
        return read_text(value, members.start_member, members.start);
    }
    if (key == "kw") {
        return read_number(value, "kw", members);
    }
    if (key == "value") {
        return read_number(value, "value", members);
    }
    // Optional members: null is the same as nothing.
    if (key == "phase" || key == "quantity" || key == "quality" || key == "interval_end" || key == "source" ||
        key == "seq") {
        ondemand::json_type type{};
        if (const simdjson::error_code code = value.type().get(type)) {
            return code == simdjson::TAPE_ERROR ? simdjson::INCORRECT_TYPE : code;
        }
        if (type == ondemand::json_type::null) {
            return simdjson::SUCCESS;
        }
    }
    if (key == "phase") {
        return read_word(value, "phase", grid::parse_phase, members.phase);
    }
    if (key == "quantity") {
        return read_word(value, "quantity", grid::parse_quantity, members.quantity);
    }
    if (key == "quality") {
        return read_word(value, "quality", parse_quality, members.quality);
    }
    if (key == "interval_end") {
        return read_text(value, "interval_end", members.end);
    }
    if (key == "source") {
        return read_text(value, "source", members.source);
    }
    if (key == "seq") {
        const simdjson::error_code code = value.get_uint64().get(members.seq);
        if (code != simdjson::SUCCESS && !is_broken_document(code)) {
            refuse(Quarantine::malformed, "seq", "seq must be a whole number from 0");
        }
        return code;
    }
    return simdjson::SUCCESS;
}

simdjson::error_code JsonDecoder::Reader::read_object(ondemand::object object, Reading& reading) {
    builder_.begin();
    ReadingMembers members;
    for (simdjson::simdjson_result<ondemand::field> entry : object) {
        ondemand::field field;
        if (const simdjson::error_code code = std::move(entry).get(field)) {
            return code;
        }
        const simdjson::error_code code = read_member(field, members);
        if (is_broken_document(code)) {
            return code;
        }
        if (code != simdjson::SUCCESS) {
            refuse(Quarantine::malformed, "", "a member cannot be read");
        }
    }
    if (!builder_.fault()) {
        builder_.resolve(members, reading);
    }
    return simdjson::SUCCESS;
}

}  // namespace headroom::telemetry
