#include "knowledge/library.hpp"

#include <algorithm>
#include <array>

namespace headroom::knowledge {
namespace {

// The words of a passage are stemmed (porter) without regard to case and accents, so that "rating" finds
// "Ratings"; what is quoted is the text as it stands.
constexpr std::array<store::sqlite::Migration, 1> migrations{{{1, R"sql(
CREATE TABLE documents(
    name TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    format TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    pages INTEGER NOT NULL,
    passages INTEGER NOT NULL,
    added_ms INTEGER NOT NULL,
    first_passage INTEGER NOT NULL,
    last_passage INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE passages USING fts5(
    section, text, document UNINDEXED, page UNINDEXED, line UNINDEXED,
    tokenize = 'porter unicode61 remove_diacritics 2');
)sql"}}};
constexpr store::sqlite::FileKind knowledge_file{0x48444B31, migrations};  // "HDK1"

constexpr std::size_t name_length_max = 96;

Document document_of(const store::sqlite::Query& row) {
    Document out;
    out.name = row.text(0);
    out.title = row.text(1);
    const std::string_view format = row.text(2);
    for (const Format known : {Format::plain, Format::markdown, Format::html, Format::pdf}) {
        out.format = to_string(known) == format ? known : out.format;
    }
    out.sha256 = row.text(3);
    out.bytes = row.integer(4);
    out.pages = row.integer(5);
    out.passages = row.integer(6);
    out.added = UtcTime{milliseconds{row.integer(7)}};
    return out;
}

/// The index grows by pieces, and a piece keeps what was removed from older ones: a question reads them all.
/// They are joined when something is added, which is seldom; as far as a bound, the rest at the next adding.
Result<void> join_segments(store::sqlite::Database& database) {
    constexpr std::int64_t pages_of_work = 8'000;
    return database.query("INSERT INTO passages(passages, rank) VALUES('merge', ?)")
        .bind(-pages_of_work)
        .run();
}

}  // namespace

bool is_document_name(std::string_view name) {
    return !name.empty() && name.size() <= name_length_max && name.front() != '.' &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || c == '.';
           });
}

Result<std::unique_ptr<Library>> Library::open(const std::filesystem::path& file) {
    Result<std::unique_ptr<store::sqlite::Database>> database =
        store::sqlite::Database::open(file, knowledge_file);
    if (!database) {
        return database.error();
    }
    return std::unique_ptr<Library>(new Library(std::move(*database)));
}

Result<void> Library::drop(const std::string& name, bool must_be_there) {
    store::sqlite::Query found =
        database_->query("SELECT first_passage, last_passage FROM documents WHERE name = ?");
    found.bind(name);
    const Result<bool> row = found.step();
    if (!row) {
        return row.error();
    }
    if (!*row) {
        return must_be_there ? Result<void>(Error{Errc::not_found, "no document " + name}) : Result<void>{};
    }
    Result<void> done = database_->query("DELETE FROM passages WHERE rowid BETWEEN ? AND ?")
                            .bind(found.integer(0))
                            .bind(found.integer(1))
                            .run();
    return done ? database_->query("DELETE FROM documents WHERE name = ?").bind(name).run() : done;
}

Result<Document> Library::add(Document about, const DocumentText& text) {
    if (!is_document_name(about.name)) {
        return Error{Errc::invalid,
                     "a document's name has 1 to 96 letters, digits, '-', '_' and '.', it is '" +
                         about.name.substr(0, name_length_max) + "'",
                     "/name"};
    }
    about.passages = static_cast<std::int64_t>(text.passages.size());
    about.pages = text.pages;
    const auto work = [&]() -> Result<void> {
        if (Result<void> dropped = drop(about.name, false); !dropped) {
            return dropped;
        }
        const Result<std::int64_t> count = database_->integer("SELECT count(*) FROM documents");
        const Result<std::int64_t> last =
            database_->integer("SELECT ifnull(max(last_passage), 0) FROM documents");
        if (!count || !last) {
            return count ? last.error() : count.error();
        }
        if (*count >= static_cast<std::int64_t>(documents_max)) {
            return Error{Errc::invalid, "there are " + std::to_string(documents_max) +
                                            " documents already; remove one first"};
        }
        std::int64_t id = *last;
        store::sqlite::Query insert = database_->query(
            "INSERT INTO passages(rowid, section, text, document, page, line) VALUES(?, ?, ?, ?, ?, ?)");
        for (const Passage& passage : text.passages) {
            insert.bind(++id).bind(passage.section).bind(passage.text).bind(about.name);
            if (Result<void> done = insert.bind(passage.page).bind(passage.line).run(); !done) {
                return done;
            }
        }
        store::sqlite::Query document =
            database_->query("INSERT INTO documents VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        document.bind(about.name).bind(about.title).bind(to_string(about.format)).bind(about.sha256);
        document.bind(about.bytes).bind(about.pages).bind(about.passages);
        document.bind(about.added.time_since_epoch().count()).bind(*last + 1).bind(id);
        const Result<void> done = document.run();
        return done ? join_segments(*database_) : done;
    };
    const Result<void> done = database_->transaction(work);
    return done ? Result<Document>(std::move(about)) : Result<Document>(done.error());
}

Result<void> Library::remove(const std::string& name) {
    return database_->transaction([&] { return drop(name, true); });
}

Result<std::vector<Document>> Library::documents() {
    store::sqlite::Query rows = database_->query(
        "SELECT name, title, format, sha256, bytes, pages, passages, added_ms FROM documents ORDER BY name");
    std::vector<Document> out;
    for (;;) {
        const Result<bool> row = rows.step();
        if (!row) {
            return row.error();
        }
        if (!*row) {
            return out;
        }
        out.push_back(document_of(rows));
    }
}

Result<Passage> Library::passage(std::int64_t id) {
    store::sqlite::Query row =
        database_->query("SELECT section, text, document, page, line FROM passages WHERE rowid = ?");
    const Result<bool> found = row.bind(id).step();
    if (!found || !*found) {
        return found ? Error{Errc::not_found, "no passage " + std::to_string(id)} : found.error();
    }
    Passage out;
    out.id = id;
    out.section = row.text(0);
    out.text = row.text(1);
    out.document = row.text(2);
    out.page = row.integer(3);
    out.line = row.integer(4);
    return out;
}

Result<std::int64_t> Library::version() {
    return database_->integer("PRAGMA data_version");
}

}  // namespace headroom::knowledge
