#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headroom {

/// How much of a hostile file is taken before it is refused.
struct CsvLimits {
    std::size_t field_bytes = 64UL * 1024;
    std::size_t row_bytes = 1024UL * 1024;  ///< quotes and delimiters included
    std::size_t fields = 1024;              ///< of one row
};

/// One record. The views hold until the next call of the reader that gave it (unquoted fields of a
/// `CsvReader` are views into its text).
struct CsvRow {
    std::size_t line = 0;  ///< of the row's first character, from 1
    std::span<const std::string_view> fields;
};

/// Splits one record after the other; what both readers share.
class CsvSplitter {
  public:
    CsvSplitter(CsvLimits limits, char delimiter) : limits_(limits), delimiter_(delimiter) {}

    /// The next record in `text` from `position`, which moves behind it; nothing when there is none, when its
    /// end has not come yet (`is_last` false: more text may follow) or after a fault.
    std::optional<CsvRow> next(std::string_view text, std::size_t& position, bool is_last);
    /// `text` was shortened by `count` bytes at its front, all of them behind `position`.
    void forget(std::size_t count) { scanned_ -= count < scanned_ ? count : scanned_; }
    [[nodiscard]] const std::optional<Error>& fault() const { return fault_; }
    [[nodiscard]] std::size_t line() const { return line_; }

  private:
    /// Whether the record that begins at `begin` ends within `text`; `end` is its line break, or how far was
    /// looked.
    bool find_end(std::string_view text, std::size_t begin, bool is_last, std::size_t& end);
    void split(std::string_view record);
    void take_quoted(std::string_view record, std::size_t& position);
    void take_plain(std::string_view record, std::size_t& position);
    void refuse(std::string_view why);

    CsvLimits limits_;
    char delimiter_;
    std::size_t line_ = 1;        // of the next record, while splitting of the field at hand
    std::size_t scanned_ = 0;     // the search for the record's end goes on here
    bool inside_quotes_ = false;  // … in this state
    bool started_ = false;        // a byte order mark counts at the very front only
    std::vector<std::string_view> fields_;
    std::deque<std::string> unquoted_;  // fields with doubled quotes; growing leaves the others in place
    std::size_t unquoted_used_ = 0;
    std::optional<Error> fault_;
};

/// Reads RFC 4180 text row by row: quotes, doubled quotes and line breaks within quotes, LF or CRLF, a byte
/// order mark at the front. Blank lines are passed over. Nothing is trimmed and no header is assumed.
///
/// A text that breaks the form (a quote within an unquoted field, text behind a closing quote, a quote never
/// closed, a lone carriage return, a NUL, something over its limit) ends the reading: `next` answers nothing
/// and `fault` says why, with line and field.
///
///     CsvReader rows(text);
///     while (const std::optional<CsvRow> row = rows.next()) { … }
///     if (rows.fault()) { return *rows.fault(); }
class CsvReader {
  public:
    explicit CsvReader(std::string_view text, CsvLimits limits = {}, char delimiter = ',')
        : text_(text), splitter_(limits, delimiter) {}

    std::optional<CsvRow> next() { return splitter_.next(text_, position_, true); }
    /// `invalid`, a sentence with the line; nothing when all rows so far were sound.
    [[nodiscard]] const std::optional<Error>& fault() const { return splitter_.fault(); }

  private:
    std::string_view text_;
    std::size_t position_ = 0;
    CsvSplitter splitter_;
};

/// The same for text that comes in pieces: `feed` a chunk, take rows until there are none, feed the next;
/// after the last chunk `finish` and take the rest. Holds at most one row and one chunk.
class CsvChunkReader {
  public:
    explicit CsvChunkReader(CsvLimits limits = {}, char delimiter = ',') : splitter_(limits, delimiter) {}

    /// Rows taken before are no longer valid.
    void feed(std::string_view chunk);
    void finish() { is_last_ = true; }
    std::optional<CsvRow> next() { return splitter_.next(buffer_, position_, is_last_); }
    [[nodiscard]] const std::optional<Error>& fault() const { return splitter_.fault(); }

  private:
    std::string buffer_;
    std::size_t position_ = 0;
    bool is_last_ = false;
    CsvSplitter splitter_;
};

/// A decimal number that fills the field (blanks around it allowed, a leading '+' too), finite; nothing
/// otherwise. No hexadecimal, no "nan", no "inf", no thousands separators.
[[nodiscard]] std::optional<double> parse_csv_number(std::string_view field);

/// `text` without blanks and tabs at both ends.
[[nodiscard]] std::string_view trim_blanks(std::string_view text);

/// Appends a text cell: in quotes when it needs them. A text that a spreadsheet would run as a formula
/// (beginning with = + - @ or a control character) gets an apostrophe in front; numbers are not written with
/// this.
void append_csv_text(std::string& out, std::string_view text);

}  // namespace headroom
