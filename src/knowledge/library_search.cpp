#include "knowledge/library.hpp"
#include "knowledge/quotation.hpp"
#include "knowledge/search_words.hpp"

#include <algorithm>
#include <utility>

namespace headroom::knowledge {
namespace {

constexpr double score_unit = 1e6;

/// Ranking costs some microseconds a passage. A question of words that stand everywhere would rank them all,
/// and gain nothing: BM25 gives such words next to no weight.
constexpr std::size_t ranked_max = 1'000;
/// Words between the first and the last of a question's words that stand near each other.
constexpr int near_words = 12;

Hit hit_of(const store::sqlite::Query& row) {
    const Quotation heading = quote_of(row.text(1), passage_bytes_max);
    Quotation body = quote_of(row.text(2), quote_bytes_max);
    Hit hit;
    hit.passage.id = row.integer(0);
    hit.passage.section = heading.text;
    hit.passage.text = std::move(body.text);
    hit.passage.document = row.text(3);
    hit.passage.page = row.integer(4);
    hit.passage.line = row.integer(5);
    hit.score = static_cast<double>(row.integer(6)) / score_unit;
    hit.document_sha256 = row.text(7);
    hit.quote = std::move(body.quote);
    hit.words = std::move(body.words);
    for (const std::string& word : heading.words) {
        if (std::find(hit.words.begin(), hit.words.end(), word) == hit.words.end()) {
            hit.words.push_back(word);
        }
    }
    return hit;
}

}  // namespace

Result<Library::Extent> Library::extent(const std::string& document) {
    store::sqlite::Query range = database_->query(
        "SELECT ifnull(min(first_passage), 1), ifnull(max(last_passage), 0) FROM documents "
        "WHERE ? = '' OR name = ?");
    const Result<bool> row = range.bind(document).bind(document).step();
    return row ? Result<Extent>(Extent{range.integer(0), range.integer(1)}) : Result<Extent>(row.error());
}

Result<Library::Found> Library::count(const std::string& expression, Extent extent) {
    store::sqlite::Query rows = database_->query(
        "SELECT count(*), ifnull(max(id), 0) FROM (SELECT rowid AS id FROM passages WHERE passages MATCH ? "
        "AND rowid BETWEEN ? AND ? LIMIT ?)");
    rows.bind(expression).bind(extent.first).bind(extent.last);
    const Result<bool> row = rows.bind(static_cast<std::int64_t>(ranked_max)).step();
    if (!row) {
        return row.error();
    }
    return Found{static_cast<std::size_t>(rows.integer(0)), {extent.first, rows.integer(1)}};
}

Result<std::vector<Hit>> Library::match(const std::string& expression, Extent extent, std::size_t limit) {
    // Sorted by the index itself: only what is answered is read and marked.
    store::sqlite::Query rows = database_->query(
        "SELECT rowid, highlight(passages, 0, char(1), char(2)), highlight(passages, 1, char(1), char(2)), "
        "document, page, line, CAST(-1e6 * rank AS INTEGER), "
        "(SELECT sha256 FROM documents WHERE name = passages.document) "
        "FROM passages WHERE passages MATCH ? AND rank MATCH 'bm25(2.0, 1.0)' AND rowid BETWEEN ? AND ? "
        "ORDER BY rank LIMIT ?");
    rows.bind(expression).bind(extent.first).bind(extent.last);
    rows.bind(static_cast<std::int64_t>(limit));
    std::vector<Hit> hits;
    for (;;) {
        const Result<bool> row = rows.step();
        if (!row) {
            return row.error();
        }
        if (!*row) {
            return hits;
        }
        hits.push_back(hit_of(rows));
    }
}

Result<std::vector<Hit>> Library::search_all(const std::vector<std::string>& words, Extent extent,
                                             std::size_t limit) {
    const std::string all = match_all(words);
    const Result<Found> found = count(all, extent);
    if (!found) {
        return found.error();
    }
    if (found->passages < ranked_max) {
        return match(all, extent, limit);
    }
    for (const std::string& closer : {match_heading(words), match_near(words, near_words)}) {
        const Result<Found> fewer = count(closer, extent);
        if (!fewer) {
            return fewer.error();
        }
        if (fewer->passages >= limit) {
            return match(closer, fewer->extent, limit);
        }
    }
    return match(all, found->extent, limit);
}

Result<std::vector<Hit>> Library::search_half(const std::vector<std::string>& words, Extent extent,
                                              std::size_t limit) {
    std::vector<std::pair<std::size_t, std::string>> by_count;
    for (const std::string& word : words) {
        const Result<Found> found = count(match_any({word}), extent);
        if (!found) {
            return found.error();
        }
        by_count.emplace_back(found->passages, word);
    }
    std::stable_sort(by_count.begin(), by_count.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    // Whoever holds half of the words holds one of the rarer half (and one more, when they are even).
    std::vector<std::string> rarer;
    for (std::size_t i = 0; i < words.size() / 2 + 1; ++i) {
        if (by_count[i].first > 0) {
            rarer.push_back(by_count[i].second);
        }
    }
    if (rarer.empty()) {
        return std::vector<Hit>{};
    }
    const std::string expression = "(" + match_any(rarer) + ") AND (" + match_any(words) + ")";
    const Result<Found> found = count(expression, extent);
    if (!found) {
        return found.error();
    }
    Result<std::vector<Hit>> hits = match(expression, found->extent, std::min(3 * limit, hits_max));
    if (hits) {
        std::erase_if(*hits,
                      [&](const Hit& hit) { return 2 * words_covered(words, hit.words) < words.size(); });
        hits->resize(std::min(hits->size(), limit));
    }
    return hits;
}

Result<std::vector<Hit>> Library::search(const SearchQuery& query) {
    const std::vector<std::string> words = search_words(query.text);
    if (words.empty()) {
        return Error{Errc::invalid, "the question holds no word to look for", "/q"};
    }
    const Result<Extent> extent = this->extent(query.document);
    if (!extent) {
        return extent.error();
    }
    if (!query.document.empty() && extent->first > extent->last) {
        store::sqlite::Query known = database_->query("SELECT 1 FROM documents WHERE name = ?");
        const Result<bool> row = known.bind(query.document).step();
        if (!row || !*row) {
            return row ? Error{Errc::not_found, "no document " + query.document, "/document"} : row.error();
        }
    }
    const std::size_t limit = std::clamp<std::size_t>(query.limit, 1, hits_max);
    Result<std::vector<Hit>> hits = search_all(words, *extent, limit);
    if (!hits || !hits->empty() || query.all_words || words.size() == 1) {
        return hits;
    }
    return search_half(words, *extent, limit);
}

}  // namespace headroom::knowledge
