#pragma once

#include "core/result.hpp"
#include "store/sqlite_checkpointer.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace headroom::store::sqlite {

/// One step forward of a file's layout; version 1 makes the tables of an empty file.
struct Migration {
    int version;
    const char* sql;
};

/// What a database file must be.
struct FileKind {
    std::int32_t application_id;            ///< in the file's header: which of our files this is
    std::span<const Migration> migrations;  ///< versions 1, 2, 3 …
};

class Database;

/// A prepared statement while it is bound and run; given back to its database's cache when this dies.
/// The first fault is kept and answered by `step` and `run`.
class Query {
  public:
    Query(Query&& other) noexcept;
    Query& operator=(Query&&) = delete;
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;
    ~Query();

    /// Binds the next parameter, from the first on. Texts and blobs are copied.
    Query& bind(std::int64_t value);
    Query& bind(std::string_view text);
    Query& bind_blob(std::string_view bytes);

    /// Moves to the next row; false when there is none.
    Result<bool> step();
    /// Runs a statement that gives no rows, and makes it ready to be bound again.
    Result<void> run();

    /// Of the row at hand, columns from 0; views hold until the next step.
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::string_view text(int column) const;
    [[nodiscard]] std::string_view blob(int column) const;

  private:
    friend class Database;
    Query(const Database& database, sqlite3_stmt* statement) : database_(&database), statement_(statement) {}
    void keep(int code);

    const Database* database_;
    sqlite3_stmt* statement_;
    int next_parameter_ = 1;
    int fault_ = 0;
};

/// An SQLite file in WAL mode (synchronous=NORMAL), used from one thread.
class Database {
  public:
    /// Opens or makes the file and brings it to the newest version: all missing migrations in one
    /// transaction, with a copy `FILE.bak-OLDVERSION` made before. Errors: `unsupported` for a newer version
    /// or another program's file, `corrupt` for a damaged one, `unavailable` when it cannot be opened.
    [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file,
                                                                const FileKind& kind);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// The statement, from the cache when it was asked for before. One use of a text at a time.
    [[nodiscard]] Query query(const char* sql);
    /// Statements without parameters or rows.
    [[nodiscard]] Result<void> run(const char* sql);
    /// The first column of the first row. Errors: `corrupt` when there is no row.
    [[nodiscard]] Result<std::int64_t> integer(const char* sql);

    /// Runs `work` (→ Result<void>) as one write transaction: all of it, or after a fault nothing.
    template <class Work>
    [[nodiscard]] Result<void> transaction(Work work) {
        if (Result<void> begun = run("BEGIN IMMEDIATE"); !begun) {
            return begun;
        }
        Result<void> done = work();
        if (done) {
            done = run("COMMIT");
        }
        if (!done) {
            roll_back();
        }
        return done;
    }

    /// From now on a thread of its own moves the write-ahead log into the file. Errors: `unavailable`.
    [[nodiscard]] Result<void> checkpoint_aside(Checkpointer::Limits limits = {});
    [[nodiscard]] const std::filesystem::path& file() const { return file_; }
    /// The fault behind an SQLite result code, as ours.
    [[nodiscard]] Error fault(int code) const;

  private:
    explicit Database(std::filesystem::path file);
    [[nodiscard]] Result<void> start(const FileKind& kind);
    [[nodiscard]] Result<void> migrate(const FileKind& kind, std::int64_t from);
    [[nodiscard]] Result<void> back_up(const std::filesystem::path& to);
    void roll_back();

    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    std::filesystem::path file_;
    sqlite3* handle_ = nullptr;
    std::unique_ptr<Checkpointer> checkpointer_;
    std::map<std::string, std::unique_ptr<sqlite3_stmt, Finalize>, std::less<>> statements_;
};

/// Which of our codes fits an SQLite result code: FULL → `unavailable`, CORRUPT and NOTADB → `corrupt` …
[[nodiscard]] Errc code_for(int sqlite_code);

}  // namespace headroom::store::sqlite
