#pragma once

#include "core/reflect.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::desk {

struct DocumentAnswer {
    std::string name = {};
    std::string title = {};
    std::string format = {};
    std::string sha256 = {};
    std::int64_t bytes = 0;
    std::int64_t pages = 0;
    std::int64_t passages = 0;
    UtcTime added_at{};
};

struct PassageAnswer {
    std::int64_t passage_id = 0;
    std::string document = {};
    std::string section = {};
    std::int64_t page = 0;
    std::int64_t line = 0;
    std::string text = {};
};

struct PassageHitAnswer {
    std::int64_t passage_id = 0;
    std::string document = {};
    std::string document_sha256 = {};
    std::string section = {};
    std::int64_t page = 0;
    std::int64_t line = 0;
    std::string quote = {};
    std::vector<std::string> words = {};
    double score = 0.0;
};

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::DocumentAnswer> {
    using T = desk::DocumentAnswer;
    static constexpr std::string_view name = "RulebookDocument";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("name", &T::name, "By which it is cited.", {.example = R"("operating-manual")"}),
        field("title", &T::title, "As the document calls itself.", {.example = R"("Operating manual")"}),
        field("format", &T::format, "plain, markdown, html or pdf.", {.example = R"("pdf")"}),
        field("sha256", &T::sha256, "Of the file's bytes."), field("bytes", &T::bytes, "Of the file."),
        field("pages", &T::pages, "0 where the format has none."),
        field("passages", &T::passages, "Into which it was cut."),
        field("added_at", &T::added_at, "Wall time at which it was taken in."));
};

template <>
struct Fields<desk::PassageAnswer> {
    using T = desk::PassageAnswer;
    static constexpr std::string_view name = "Passage";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("passage_id", &T::passage_id, "Its number in the index; it changes when the document does."),
        field("document", &T::document, "Name of its document."),
        field("section", &T::section, "Headings above it."),
        field("page", &T::page, "From 1; 0 where the document has no pages."),
        field("line", &T::line, "First line: on the page, or in the file."),
        field("text", &T::text, "Plain text, to be shown as such."));
};

template <>
struct Fields<desk::PassageHitAnswer> {
    using T = desk::PassageHitAnswer;
    static constexpr std::string_view name = "PassageHit";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("passage_id", &T::passage_id, "For /api/v1/knowledge/passages/{id}."),
        field("document", &T::document, "Name of its document."),
        field("document_sha256", &T::document_sha256, "Of the document's file: which edition is cited."),
        field("section", &T::section, "Headings above it."),
        field("page", &T::page, "From 1; 0 where the document has no pages."),
        field("line", &T::line, "First line of the passage: on the page, or in the file."),
        field("quote", &T::quote, "A part of the passage, byte for byte. Plain text."),
        field("words", &T::words, "What was found, as it stands in the passage or its headings."),
        field("score", &T::score, "BM25; larger is better, comparable within one answer."));
};

}  // namespace headroom
