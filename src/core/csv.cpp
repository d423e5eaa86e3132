#include "core/csv.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace headroom {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

void CsvSplitter::refuse(std::string_view why) {
    if (!fault_) {
        fault_ = Error{Errc::invalid, "line " + std::to_string(line_) + ", field " +
                                          std::to_string(fields_.size() + 1) + ": " + std::string(why)};
    }
}

bool CsvSplitter::find_end(std::string_view text, std::size_t begin, bool is_last, std::size_t& end) {
    if (scanned_ < begin) {
        scanned_ = begin;
    }
    while (true) {
        // A record ends at the first line break with an even number of quotes before it.
        const std::size_t line_break = text.find('\n', scanned_);
        const std::string_view line =
            text.substr(scanned_, line_break == std::string_view::npos ? line_break : line_break - scanned_);
        if (std::count(line.begin(), line.end(), '"') % 2 != 0) {
            inside_quotes_ = !inside_quotes_;
        }
        end = scanned_ + line.size();
        if (line_break == std::string_view::npos) {
            scanned_ = text.size();
            return is_last;
        }
        scanned_ = line_break + 1;
        if (!inside_quotes_) {
            return true;
        }
        if (end - begin > limits_.row_bytes) {
            return false;
        }
    }
}

std::optional<CsvRow> CsvSplitter::next(std::string_view text, std::size_t& position, bool is_last) {
    while (!fault_ && position < text.size()) {
        if (!started_) {
            // Wait until it is certain whether a byte order mark stands in front.
            if (text.size() < byte_order_mark.size() && !is_last && byte_order_mark.starts_with(text)) {
                return std::nullopt;
            }
            started_ = true;
            position += text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
            continue;
        }
        std::size_t end = 0;
        const bool is_whole = find_end(text, position, is_last, end);
        const std::string_view record = text.substr(position, end - position);
        const bool is_too_long = record.size() > limits_.row_bytes;
        if (!is_whole && !is_too_long) {
            return std::nullopt;
        }

        const std::size_t first_line = line_;
        fields_.clear();
        unquoted_used_ = 0;
        if (is_too_long) {
            refuse("the row is longer than " + std::to_string(limits_.row_bytes) +
                   " bytes (a quote left open?)");
            return std::nullopt;
        }
        position = end < text.size() ? end + 1 : end;
        inside_quotes_ = false;
        const bool is_blank = record.empty() || record == "\r";
        if (!is_blank) {
            split(record);
        }
        ++line_;
        if (!is_blank && !fault_) {
            return CsvRow{first_line, fields_};
        }
    }
    return std::nullopt;
}

void CsvSplitter::split(std::string_view record) {
    if (record.ends_with('\r')) {
        record.remove_suffix(1);
    }
    std::size_t position = 0;
    while (!fault_) {
        if (fields_.size() == limits_.fields) {
            refuse("the row has more than " + std::to_string(limits_.fields) + " fields");
            return;
        }
        if (position < record.size() && record[position] == '"') {
            take_quoted(record, position);
        } else {
            take_plain(record, position);
        }
        if (fault_ || position == record.size()) {
            return;
        }
        ++position;  // over the delimiter; what follows is a field, also when it is empty
    }
}

void CsvSplitter::take_plain(std::string_view record, std::size_t& position) {
    const std::size_t found = record.find(delimiter_, position);
    const std::size_t end = found == std::string_view::npos ? record.size() : found;
    const std::string_view field = record.substr(position, end - position);
    if (field.size() > limits_.field_bytes) {
        refuse("longer than " + std::to_string(limits_.field_bytes) + " bytes");
    } else if (field.find('"') != std::string_view::npos) {
        refuse("a quote stands within an unquoted field");
    } else if (field.find('\r') != std::string_view::npos) {
        refuse("a carriage return stands alone");
    } else if (field.find('\0') != std::string_view::npos) {
        refuse("a NUL character");
    } else {
        fields_.push_back(field);
        position = end;
    }
}

void CsvSplitter::take_quoted(std::string_view record, std::size_t& position) {
    const std::size_t begin = position + 1;
    std::size_t close = begin;
    bool has_doubled = false;
    while (true) {
        close = record.find('"', close);
        if (close == std::string_view::npos) {
            refuse("the quoted field is not closed");
            return;
        }
        if (close + 1 == record.size() || record[close + 1] != '"') {
            break;
        }
        has_doubled = true;
        close += 2;
    }
    const std::string_view inner = record.substr(begin, close - begin);
    position = close + 1;
    if (inner.size() > limits_.field_bytes) {
        refuse("longer than " + std::to_string(limits_.field_bytes) + " bytes");
        return;
    }
    if (inner.find('\0') != std::string_view::npos) {
        refuse("a NUL character");
        return;
    }
    if (position < record.size() && record[position] != delimiter_) {
        refuse("text stands behind the closing quote");
        return;
    }
    for (const char c : inner) {
        line_ += c == '\n' ? 1 : 0;
    }
    if (!has_doubled) {
        fields_.push_back(inner);
        return;
    }
    if (unquoted_used_ == unquoted_.size()) {
        unquoted_.emplace_back();
    }
    std::string& text = unquoted_[unquoted_used_];
    ++unquoted_used_;
    text.clear();
    for (std::size_t i = 0; i < inner.size(); ++i) {
        text += inner[i];
        i += inner[i] == '"' ? 1 : 0;
    }
    fields_.push_back(text);
}

void CsvChunkReader::feed(std::string_view chunk) {
    HEADROOM_ASSERT(!is_last_);
    buffer_.erase(0, position_);
    splitter_.forget(position_);
    position_ = 0;
    if (!splitter_.fault()) {
        buffer_ += chunk;
    }
}

std::string_view trim_blanks(std::string_view text) {
    constexpr std::string_view blanks = " \t";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::optional<double> parse_csv_number(std::string_view field) {
    std::string_view text = trim_blanks(field);
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-')) {
            return std::nullopt;
        }
    }
    double value = 0.0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
        return std::nullopt;
    }
    return value;
}

void append_csv_text(std::string& out, std::string_view text) {
    const bool looks_like_formula =
        !text.empty() && (text.front() == '=' || text.front() == '+' || text.front() == '-' ||
                          text.front() == '@' || static_cast<unsigned char>(text.front()) < 0x20);
    const bool needs_quotes = text.find_first_of(",;\"\r\n\t") != std::string_view::npos ||
                              text.starts_with(' ') || text.ends_with(' ');
    if (!needs_quotes) {
        if (looks_like_formula) {
            out += '\'';
        }
        out += text;
        return;
    }
    out += '"';
    if (looks_like_formula) {
        out += '\'';
    }
    for (const char c : text) {
        out += c;
        if (c == '"') {
            out += '"';
        }
    }
    out += '"';
}

}  // namespace headroom
