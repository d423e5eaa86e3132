#include "app/bench_knowledge.hpp"

#include "app/bench_ingest.hpp"
#include "app/made_up_pdf.hpp"
#include "core/clock.hpp"
#include "knowledge/library.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <random>
#include <utility>

namespace headroom::app {
namespace {

constexpr int book_pages = 1'000;
constexpr int page_lines = 45;
constexpr int words_a_line = 11;
constexpr int book_questions = 400;
constexpr int knowledge_runs = 3;

constexpr std::array<std::string_view, 48> vocabulary{
    "feeder",     "transformer", "rating",    "continuous", "emergency",   "winter",      "summer",
    "protection", "voltage",     "statutory", "operator",   "dispatch",    "notice",      "provider",
    "margin",     "settlement",  "baseline",  "meter",      "demand",      "reduction",   "control",
    "alarm",      "substation",  "cable",     "overload",   "temperature", "ambient",     "season",
    "approval",   "engineer",    "switching", "permit",     "isolation",   "restoration", "load",
    "limit",      "capacity",    "export",    "import",     "battery",     "charger",     "forecast",
    "quantile",   "instruction", "release",   "contract",   "order",       "programme"};

double percentile_99(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[(values.size() - 1) * 99 / 100];
}

/// Words by a law that makes some frequent and many rare, with numbers, as manuals have them.
std::vector<std::vector<std::string>> made_up_pages() {
    std::mt19937_64 random(7);
    std::geometric_distribution<std::size_t> pick(0.06);
    std::vector<std::vector<std::string>> out;
    for (int page = 0; page < book_pages; ++page) {
        std::vector<std::string> text{
            fmt::format("{}.{} Rules of part {}", page / 10 + 1, page % 10 + 1, page)};
        for (int line = 1; line < page_lines; ++line) {
            std::string words = line % 9 == 0 ? "" : fmt::format("Clause {}", page * 100 + line);
            for (int i = 0; i < words_a_line && !words.empty(); ++i) {
                words += " " + std::string(vocabulary[pick(random) % vocabulary.size()]);
            }
            text.push_back(std::move(words));
        }
        out.push_back(std::move(text));
    }
    return out;
}

std::string as_markdown(const std::vector<std::vector<std::string>>& book) {
    std::string out = "# Rulebook\n";
    for (const std::vector<std::string>& page : book) {
        out += "\n## " + page.front() + "\n\n";
        for (std::size_t i = 1; i < page.size(); ++i) {
            out += page[i] + "\n";
        }
    }
    return out;
}

Result<double> index_seconds(knowledge::Library& library, const std::filesystem::path& file) {
    const SteadyTime begun = steady_now();
    Result<std::pair<knowledge::Document, knowledge::DocumentText>> read = knowledge::read_document(file);
    if (!read) {
        return read.error();
    }
    const Result<knowledge::Document> added = library.add(std::move(read->first), read->second);
    return added ? Result<double>(milliseconds_between(begun, steady_now()) / 1000.0)
                 : Result<double>(added.error());
}

struct Asked {
    std::vector<double> ms;
    double quotes = 0.0;
    double quotes_found = 0.0;
};

Result<Asked> ask_library(knowledge::Library& library) {
    std::mt19937_64 random(11);
    std::uniform_int_distribution<std::size_t> pick(0, vocabulary.size() - 1);
    Asked out;
    for (int i = 0; i < book_questions; ++i) {
        const std::string question = fmt::format(
            "What is the {} of the {} and its {}{}?", vocabulary[pick(random)], vocabulary[pick(random)],
            vocabulary[pick(random)], i % 4 == 0 ? fmt::format(" in clause {}", i * 100 + 3) : "");
        const SteadyTime begun = steady_now();
        const Result<std::vector<knowledge::Hit>> hits = library.search({.text = question});
        out.ms.push_back(milliseconds_between(begun, steady_now()));
        if (!hits) {
            return hits.error();
        }
        for (const knowledge::Hit& hit : *hits) {
            const Result<knowledge::Passage> stored = library.passage(hit.passage.id);
            out.quotes += 1.0;
            out.quotes_found += stored && stored->text.find(hit.quote) != std::string::npos ? 1.0 : 0.0;
        }
    }
    return out;
}

Result<json::Object> measure_library(const std::filesystem::path& folder) {
    const std::vector<std::vector<std::string>> book = made_up_pages();
    std::ofstream(folder / "book.pdf", std::ios::binary) << made_up_pdf(book);
    std::ofstream(folder / "manual.md", std::ios::binary) << as_markdown(book);
    Result<std::unique_ptr<knowledge::Library>> library = knowledge::Library::open(folder / "knowledge.db");
    if (!library) {
        return library.error();
    }
    std::vector<double> pdf;
    std::vector<double> markdown;
    for (int run = 0; run < knowledge_runs; ++run) {
        const Result<double> first = index_seconds(**library, folder / "book.pdf");
        if (!first) {
            return first.error();
        }
        pdf.push_back(*first);
    }
    const Result<Asked> asked = ask_library(**library);
    for (int run = 0; run < knowledge_runs; ++run) {
        const Result<double> second = index_seconds(**library, folder / "manual.md");
        if (!second) {
            return second.error();
        }
        markdown.push_back(*second);
    }
    const Result<Asked> asked_both = ask_library(**library);
    if (!asked || !asked_both) {
        return asked ? asked_both.error() : asked.error();
    }
    return json::Object{
        {"results", json::Array{bench_result("knowledge.index_1000_pages_pdf_s", "s", pdf),
                                bench_result("knowledge.index_1000_pages_markdown_s", "s", markdown),
                                bench_result("knowledge.query_ms", "ms", asked->ms),
                                bench_result("knowledge.query_ms_p99", "ms", {percentile_99(asked->ms)}),
                                bench_result("knowledge.query_2000_pages_ms", "ms", asked_both->ms),
                                bench_result("knowledge.quotes_checked", "quotations", {asked->quotes_found}),
                                bench_result("knowledge.quotes_given", "quotations", {asked->quotes})}}};
}

}  // namespace

Result<json::Object> bench_knowledge(const std::filesystem::path& dir) {
    const std::filesystem::path folder = dir / ("headroom-bench-knowledge-" + std::to_string(::getpid()));
    std::error_code fault;
    std::filesystem::create_directories(folder, fault);
    if (fault) {
        return Error{Errc::unavailable, "cannot make " + folder.string() + ": " + fault.message()};
    }
    Result<json::Object> measured = measure_library(folder);
    std::filesystem::remove_all(folder, fault);
    return measured;
}

}  // namespace headroom::app
