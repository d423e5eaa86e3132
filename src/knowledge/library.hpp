#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "knowledge/passage.hpp"
#include "knowledge/readers.hpp"
#include "store/sqlite.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace headroom::knowledge {

inline constexpr std::size_t documents_max = 1'000;
inline constexpr std::size_t hits_max = 50;
/// The longest quotation, in bytes.
inline constexpr std::size_t quote_bytes_max = 320;

/// A document of the index.
struct Document {
    std::string name;   ///< by which it is spoken of: letters, digits, - _ and .
    std::string title;  ///< as it calls itself
    Format format = Format::plain;
    std::string sha256;  ///< of the file's bytes
    std::int64_t bytes = 0;
    std::int64_t pages = 0;
    std::int64_t passages = 0;
    UtcTime added{};

    bool operator==(const Document&) const = default;
};

/// A passage that answers a question.
struct Hit {
    Passage passage;
    std::string document_sha256;
    std::string quote;               ///< a part of the passage's text, byte for byte
    std::vector<std::string> words;  ///< what was found, as it stands in the quotation or the heading
    double score = 0.0;              ///< BM25, larger is better; comparable within one answer only
};

struct SearchQuery {
    std::string text;
    std::string document = {};  ///< only in this one; empty: in all
    std::size_t limit = 10;     ///< at most `hits_max`
    bool all_words = false;     ///< only passages that hold every word of the question
};

/// The rulebooks of this site: passages in an SQLite file with a full-text index. One thread; other processes
/// may read and write the same file meanwhile.
class Library {
  public:
    /// Errors: as `store::sqlite::Database::open`.
    [[nodiscard]] static Result<std::unique_ptr<Library>> open(const std::filesystem::path& file);

    /// Takes a document in, in the place of one of the same name; `about.passages` and `.pages` are filled
    /// in. Errors: `invalid` for a name that is none or for too many documents; as those of the file.
    [[nodiscard]] Result<Document> add(Document about, const DocumentText& text);
    /// Errors: `not_found`.
    [[nodiscard]] Result<void> remove(const std::string& name);
    /// By name.
    [[nodiscard]] Result<std::vector<Document>> documents();
    /// Best first. Passages that hold every word of the question; where there are none and `all_words` is
    /// not asked for, those that hold at least half of them. Empty when nothing fits: nothing is guessed.
    /// Of words that stand in thousands of passages, those count first that stand in one heading or near each
    /// other; the others are ranked as far as a bound in the order of the documents.
    /// Errors: `invalid` for a question without words, `not_found` for an unknown document.
    [[nodiscard]] Result<std::vector<Hit>> search(const SearchQuery& query);
    /// Errors: `not_found`.
    [[nodiscard]] Result<Passage> passage(std::int64_t id);
    /// Grows with every change of the file by this or another process.
    [[nodiscard]] Result<std::int64_t> version();

  private:
    explicit Library(std::unique_ptr<store::sqlite::Database> database) : database_(std::move(database)) {}
    [[nodiscard]] Result<void> drop(const std::string& name, bool must_be_there);

    // library_search.cpp
    struct Extent {  ///< passages from `first` to `last`; none when `last` is smaller
        std::int64_t first = 1;
        std::int64_t last = 0;
    };
    struct Found {
        std::size_t passages = 0;  ///< counted up to a bound
        Extent extent;             ///< of those that were counted
    };
    [[nodiscard]] Result<Extent> extent(const std::string& document);
    [[nodiscard]] Result<Found> count(const std::string& expression, Extent extent);
    [[nodiscard]] Result<std::vector<Hit>> match(const std::string& expression, Extent extent,
                                                 std::size_t limit);
    [[nodiscard]] Result<std::vector<Hit>> search_all(const std::vector<std::string>& words, Extent extent,
                                                      std::size_t limit);
    [[nodiscard]] Result<std::vector<Hit>> search_half(const std::vector<std::string>& words, Extent extent,
                                                       std::size_t limit);

    std::unique_ptr<store::sqlite::Database> database_;
};

/// Reads a file and makes it a document named after it; a PDF through `pdf_to_text`. Blocking.
/// Errors: `not_found`, `denied`; `invalid` for an ending that is none of ours, naming those that are, and as
/// the readers.
[[nodiscard]] Result<std::pair<Document, DocumentText>> read_document(const std::filesystem::path& file);

/// Whether `name` may name a document: 1 to 96 letters, digits, - _ and ., not a dot first.
[[nodiscard]] bool is_document_name(std::string_view name);

}  // namespace headroom::knowledge
