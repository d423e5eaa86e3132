#include "net/iec104_asdu.hpp"

#include "net/iec104_wire.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <utility>

namespace headroom::net::iec104 {
namespace {

constexpr std::size_t address_bytes = 3;
constexpr std::uint32_t address_max = 0xff'ffff;
constexpr std::uint8_t siq_quality = 0xf0;
constexpr std::uint8_t qds_quality = 0xf1;
constexpr char station_qualifier = 20;

std::uint16_t word_at(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint16_t>(byte_at(bytes, at) | byte_at(bytes, at + 1) << 8U);
}

std::uint32_t address_at(std::string_view bytes, std::size_t at) {
    return word_at(bytes, at) | static_cast<std::uint32_t>(byte_at(bytes, at + 2)) << 16U;
}

/// How the element of a type is laid out, without its address and time tag.
enum class Form { single_point, double_point, normalised, scaled, short_float, qualifier, time_only };

struct Layout {
    Form form = Form::qualifier;
    bool has_time = false;
};

std::optional<Layout> layout_of(std::uint8_t type) {
    switch (static_cast<TypeId>(type)) {
        case TypeId::single_point:
            return Layout{Form::single_point};
        case TypeId::double_point:
            return Layout{Form::double_point};
        case TypeId::normalised:
            return Layout{Form::normalised};
        case TypeId::scaled:
            return Layout{Form::scaled};
        case TypeId::short_float:
            return Layout{Form::short_float};
        case TypeId::single_point_time:
            return Layout{Form::single_point, true};
        case TypeId::double_point_time:
            return Layout{Form::double_point, true};
        case TypeId::normalised_time:
            return Layout{Form::normalised, true};
        case TypeId::scaled_time:
            return Layout{Form::scaled, true};
        case TypeId::short_float_time:
            return Layout{Form::short_float, true};
        case TypeId::end_of_initialisation:
        case TypeId::interrogation:
            return Layout{Form::qualifier};
        case TypeId::clock:
            return Layout{Form::time_only, true};
    }
    return std::nullopt;
}

std::size_t value_bytes(Form form) {
    switch (form) {
        case Form::single_point:
        case Form::double_point:
        case Form::qualifier:
            return 1;
        case Form::normalised:
        case Form::scaled:
            return 3;
        case Form::short_float:
            return 5;
        case Form::time_only:
            return 0;
    }
    HEADROOM_ASSERT(false && "a form without a length");
    return 0;
}

/// Precondition: `value_bytes` of the form lie at `at`.
void read_value(Form form, std::string_view bytes, std::size_t at, InformationObject& object) {
    switch (form) {
        case Form::single_point:
            object.value = byte_at(bytes, at) & 1U;
            object.quality = byte_at(bytes, at) & siq_quality;
            return;
        case Form::double_point:
            object.value = byte_at(bytes, at) & 3U;
            object.quality = byte_at(bytes, at) & siq_quality;
            return;
        case Form::normalised:
            object.value = static_cast<std::int16_t>(word_at(bytes, at)) / 32768.0;
            object.quality = byte_at(bytes, at + 2) & qds_quality;
            return;
        case Form::scaled:
            object.value = static_cast<std::int16_t>(word_at(bytes, at));
            object.quality = byte_at(bytes, at + 2) & qds_quality;
            return;
        case Form::short_float:
            object.value = std::bit_cast<float>(word_at(bytes, at) |
                                                static_cast<std::uint32_t>(word_at(bytes, at + 2)) << 16U);
            object.quality = byte_at(bytes, at + 4) & qds_quality;
            return;
        case Form::qualifier:
            object.value = byte_at(bytes, at);
            return;
        case Form::time_only:
            return;
    }
}

/// The objects of an ASDU, whose length is known to fit.
void read_objects(std::string_view asdu, const Layout& layout, Asdu& out) {
    std::size_t at = asdu_header_bytes;
    std::uint32_t address = 0;
    for (std::size_t i = 0; i < out.header.objects; ++i) {
        if (i == 0 || !out.header.is_sequence) {
            address = address_at(asdu, at);
            at += address_bytes;
        } else {
            ++address;
        }
        InformationObject& object = out.objects.emplace_back();
        object.address = address;
        read_value(layout.form, asdu, at, object);
        at += value_bytes(layout.form);
        if (layout.has_time) {
            object.time = read_time_tag(asdu.substr(at, time_tag_bytes));
            at += time_tag_bytes;
        }
    }
}

}  // namespace

std::string quality_text(std::uint8_t quality) {
    constexpr std::array<std::pair<std::uint8_t, std::string_view>, 5> names{{{quality_invalid, "IV"},
                                                                              {quality_not_topical, "NT"},
                                                                              {quality_substituted, "SB"},
                                                                              {quality_blocked, "BL"},
                                                                              {quality_overflow, "OV"}}};
    std::string text;
    for (const auto& [bit, name] : names) {
        if ((quality & bit) != 0) {
            text += text.empty() ? "" : "|";
            text += name;
        }
    }
    return text.empty() ? "good" : text;
}

TimeTag read_time_tag(std::string_view bytes) {
    HEADROOM_ASSERT(bytes.size() == time_tag_bytes);
    const unsigned ms = word_at(bytes, 0);
    const unsigned minute = byte_at(bytes, 2) & 0x3fU;
    const unsigned hour = byte_at(bytes, 3) & 0x1fU;
    const unsigned day = byte_at(bytes, 4) & 0x1fU;
    const unsigned month = byte_at(bytes, 5) & 0x0fU;
    const unsigned year = byte_at(bytes, 6) & 0x7fU;
    TimeTag tag{.face = std::nullopt,
                .is_invalid = (byte_at(bytes, 2) & 0x80U) != 0,
                .is_summer_time = (byte_at(bytes, 3) & 0x80U) != 0};
    const Date date{std::chrono::year{2000 + static_cast<int>(year)}, std::chrono::month{month},
                    std::chrono::day{day}};
    if (ms < 60'000 && minute < 60 && hour < 24 && year < 100 && date.ok()) {
        tag.face = UtcTime{std::chrono::sys_days{date}} + hours{hour} + minutes{minute} + milliseconds{ms};
    }
    return tag;
}

Result<AsduHeader> read_asdu_header(std::string_view asdu) {
    if (asdu.size() < asdu_header_bytes) {
        return Error{Errc::invalid,
                     fmt::format("an ASDU of {} bytes is shorter than its header", asdu.size())};
    }
    return AsduHeader{.type = byte_at(asdu, 0),
                      .objects = static_cast<std::uint8_t>(byte_at(asdu, 1) & 0x7fU),
                      .is_sequence = (byte_at(asdu, 1) & 0x80U) != 0,
                      .cause = static_cast<std::uint8_t>(byte_at(asdu, 2) & 0x3fU),
                      .is_negative = (byte_at(asdu, 2) & 0x40U) != 0,
                      .is_test = (byte_at(asdu, 2) & 0x80U) != 0,
                      .originator = byte_at(asdu, 3),
                      .common_address = word_at(asdu, 4)};
}

Result<void> read_asdu(std::string_view asdu, Asdu& out) {
    out.objects.clear();
    const Result<AsduHeader> header = read_asdu_header(asdu);
    if (!header) {
        return header.error();
    }
    out.header = *header;
    const std::optional<Layout> layout = layout_of(header->type);
    if (!layout) {
        return Error{Errc::unsupported, fmt::format("ASDU type {} is not supported", header->type)};
    }
    const std::size_t count = header->objects;
    const std::size_t element = value_bytes(layout->form) + (layout->has_time ? time_tag_bytes : 0);
    const std::size_t expected =
        asdu_header_bytes + (header->is_sequence ? address_bytes : count * address_bytes) + count * element;
    if (count == 0 || asdu.size() != expected) {
        return Error{Errc::invalid,
                     fmt::format("an ASDU of type {} with {} objects has {} bytes instead of {}",
                                 header->type, count, asdu.size(), expected)};
    }
    if (header->is_sequence && address_at(asdu, asdu_header_bytes) > address_max - (count - 1)) {
        return Error{Errc::invalid, "the object addresses of a sequence run beyond three bytes"};
    }
    read_objects(asdu, *layout, out);
    return {};
}

std::string station_interrogation(std::uint16_t common_address, std::uint8_t originator, Cause cause) {
    std::string asdu;
    asdu.push_back(static_cast<char>(TypeId::interrogation));
    asdu.push_back(1);
    asdu.push_back(static_cast<char>(cause));
    asdu.push_back(static_cast<char>(originator));
    asdu.push_back(static_cast<char>(common_address & 0xffU));
    asdu.push_back(static_cast<char>(common_address >> 8U));
    asdu.append(address_bytes, '\0');
    asdu.push_back(station_qualifier);
    return asdu;
}

}  // namespace headroom::net::iec104
