#include "store/influx_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace headroom::store::influx {
namespace {

constexpr std::string_view minute_suffix = "minute";

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(separator, begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

bool is_quantile(std::string_view text) {
    return text.size() >= 2 && text.size() <= 3 && text.front() == 'p' &&
           std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void append_head(std::string& out, const SeriesPlace& place) {
    out += place.measurement;
    for (const auto& [name, value] : place.tags) {
        out += ',';
        out += name;
        out += '=';
        append_tag_value(out, value);
    }
}

void append_value(std::string& out, const Measurement::Value& value) {
    if (const auto* number = std::get_if<double>(&value)) {
        fmt::format_to(std::back_inserter(out), "{}", *number);
    } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        fmt::format_to(std::back_inserter(out), "{}i", *whole);
    } else if (const auto* flag = std::get_if<bool>(&value)) {
        out += *flag ? "true" : "false";
    } else {
        append_field_text(out, std::get<std::string>(value));
    }
}

}  // namespace

bool is_tag_value(std::string_view text) {
    return !text.empty() && text.back() != '\\' && std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
}

void append_tag_value(std::string& out, std::string_view text) {
    for (const char c : text) {
        if (c == ',' || c == '=' || c == ' ') {
            out += '\\';
        }
        out += c;
    }
}

std::string unescape_tag(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_escape = text[i] == '\\' && i + 1 < text.size() &&
                               (text[i + 1] == ',' || text[i + 1] == '=' || text[i + 1] == ' ');
        if (!is_escape) {
            out += text[i];
        }
    }
    return out;
}

std::vector<std::pair<std::string, std::string>> tags_of_series(std::string_view series) {
    std::vector<std::pair<std::string, std::string>> tags;
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= series.size(); ++i) {
        if (i == series.size() || (series[i] == ',' && (i == 0 || series[i - 1] != '\\'))) {
            parts.push_back(series.substr(begin, i - begin));
            begin = i + 1;
        }
    }
    for (std::size_t i = 1; i < parts.size(); ++i) {
        // Names of tags are ours and hold no '='.
        const std::size_t equals = parts[i].find('=');
        if (equals != std::string_view::npos) {
            tags.emplace_back(parts[i].substr(0, equals), unescape_tag(parts[i].substr(equals + 1)));
        }
    }
    return tags;
}

void append_field_text(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    out += '"';
}

Result<SeriesPlace> place_of(std::string_view key, milliseconds step, std::string_view source) {
    const std::vector<std::string_view> parts = split(key, '/');
    const bool is_minute = parts.size() == 4 && parts[3] == minute_suffix && step == minutes{1};
    const bool is_prediction = parts.size() == 4 && is_quantile(parts[3]);
    const bool is_point =
        (parts.size() == 3 || is_minute || is_prediction) &&
        std::all_of(parts.begin(), parts.end(), [](std::string_view part) { return is_tag_value(part); });
    SeriesPlace place{.measurement = is_point && is_prediction ? "predictions" : "load", .tags = {}};
    if (is_point) {
        place.tags.emplace_back("feeder", parts[0]);
        place.tags.emplace_back("phase", parts[2]);
        if (is_prediction) {
            place.tags.emplace_back("quantile", parts[3]);
        }
        place.tags.emplace_back("quantity", parts[1]);
    } else if (is_tag_value(key)) {
        place.tags.emplace_back("key", key);
    } else {
        return Error{Errc::invalid, "series '" + std::string(key.substr(0, 256)) +
                                        "': no tag holds control characters or a backslash at its end"};
    }
    place.tags.emplace_back("source", source);
    // Minutes of a point stand under its own name, so the step tells them apart.
    place.tags.emplace_back("step_s", fmt::format("{}", static_cast<double>(step.count()) / 1000.0));
    if (is_minute) {
        place.tags.emplace_back("window", minute_suffix);
    }
    return place;
}

std::optional<std::string> key_of(const std::vector<std::pair<std::string, std::string>>& tags) {
    const auto tag = [&](std::string_view name) -> std::string {
        for (const auto& [key, value] : tags) {
            if (key == name) {
                return value;
            }
        }
        return {};
    };
    if (const std::string key = tag("key"); !key.empty()) {
        return key;
    }
    const std::string feeder = tag("feeder");
    const std::string quantity = tag("quantity");
    const std::string phase = tag("phase");
    if (feeder.empty() || quantity.empty() || phase.empty()) {
        return std::nullopt;
    }
    std::string suffix = tag("quantile") + tag("window");
    return feeder + "/" + quantity + "/" + phase + (suffix.empty() ? "" : "/" + suffix);
}

std::size_t append_lines(std::string& out, const SeriesPlace& place, const SeriesBlock& block) {
    std::string head;
    append_head(head, place);
    std::size_t lines = 0;
    for (std::size_t i = 0; i < block.values.size(); ++i) {
        if (std::isnan(block.values[i])) {
            continue;
        }
        out += head;
        fmt::format_to(std::back_inserter(out), " value={}", block.values[i]);
        const bool has_range = !block.min.empty() && !std::isnan(block.min[i]) && !std::isnan(block.max[i]);
        if (has_range) {
            fmt::format_to(std::back_inserter(out), ",min={},max={}", block.min[i], block.max[i]);
        }
        const UtcTime at = block.start + block.step * static_cast<std::int64_t>(i);
        fmt::format_to(std::back_inserter(out), " {}\n", at.time_since_epoch().count());
        ++lines;
    }
    return lines;
}

void append_line(std::string& out, const Measurement& measurement, std::string_view source) {
    SeriesPlace place{.measurement = measurement.name, .tags = measurement.tags};
    const bool has_source = std::any_of(place.tags.begin(), place.tags.end(),
                                        [](const auto& tag) { return tag.first == "source"; });
    if (!has_source) {
        place.tags.emplace_back("source", source);
        std::sort(place.tags.begin(), place.tags.end());
    }
    append_head(out, place);
    char separator = ' ';
    for (const auto& [name, value] : measurement.fields) {
        out += separator;
        out += name;
        out += '=';
        append_value(out, value);
        separator = ',';
    }
    fmt::format_to(std::back_inserter(out), " {}\n", measurement.at.time_since_epoch().count());
}

}  // namespace headroom::store::influx
