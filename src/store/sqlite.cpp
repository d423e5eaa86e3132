#include "store/sqlite.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <functional>
#include <system_error>
#include <utility>

namespace headroom::store::sqlite {
namespace {

constexpr int busy_timeout_ms = 5'000;
constexpr int pages_at_once = 256;

bool is_disk_full(sqlite3* handle, int code) {
    const int primary = code & 0xff;
    return primary == SQLITE_FULL ||
           (primary == SQLITE_IOERR && handle != nullptr && sqlite3_system_errno(handle) == ENOSPC);
}

}  // namespace

Errc code_for(int sqlite_code) {
    switch (sqlite_code & 0xff) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_ERROR:  // our statements fit our tables: the file's are others
        case SQLITE_MISMATCH:
        case SQLITE_CONSTRAINT:
            return Errc::corrupt;
        case SQLITE_TOOBIG:
            return Errc::invalid;
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return Errc::denied;
        default:
            return Errc::unavailable;
    }
}

// ---- Query ----

Query::Query(Query&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      next_parameter_(other.next_parameter_),
      fault_(other.fault_) {}

Query::~Query() {
    if (statement_ != nullptr) {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }
}

void Query::keep(int code) {
    if (fault_ == SQLITE_OK && code != SQLITE_OK) {
        fault_ = code;
    }
}

Query& Query::bind(std::int64_t value) {
    if (fault_ == SQLITE_OK) {
        keep(sqlite3_bind_int64(statement_, next_parameter_, value));
        ++next_parameter_;
    }
    return *this;
}

Query& Query::bind(std::string_view text) {
    if (fault_ == SQLITE_OK) {
        // A null pointer would bind NULL instead of the empty text.
        const char* data = text.data() == nullptr ? "" : text.data();
        keep(sqlite3_bind_text64(statement_, next_parameter_, data, text.size(), SQLITE_TRANSIENT,
                                 SQLITE_UTF8));
        ++next_parameter_;
    }
    return *this;
}

Query& Query::bind_blob(std::string_view bytes) {
    if (fault_ == SQLITE_OK) {
        keep(sqlite3_bind_blob64(statement_, next_parameter_, bytes.data(), bytes.size(), SQLITE_TRANSIENT));
        ++next_parameter_;
    }
    return *this;
}

Result<bool> Query::step() {
    if (fault_ != SQLITE_OK) {
        return database_->fault(fault_);
    }
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code == SQLITE_DONE) {
        return false;
    }
    keep(code);
    return database_->fault(code);
}

Result<void> Query::run() {
    const Result<bool> stepped = step();
    if (!stepped) {
        return stepped.error();
    }
    HEADROOM_ASSERT(!*stepped);
    sqlite3_reset(statement_);
    next_parameter_ = 1;
    return {};
}

std::int64_t Query::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

std::string_view Query::text(int column) const {
    const unsigned char* data = sqlite3_column_text(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    return data == nullptr
               ? std::string_view{}
               : std::string_view(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
}

std::string_view Query::blob(int column) const {
    const void* data = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    return data == nullptr ? std::string_view{}
                           : std::string_view(static_cast<const char*>(data), static_cast<std::size_t>(size));
}

// ---- Database ----

void Database::Finalize::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

Database::Database(std::filesystem::path file) : file_(std::move(file)) {}

Database::~Database() {
    checkpointer_.reset();
    statements_.clear();
    sqlite3_close(handle_);
}

Error Database::fault(int code) const {
    std::string message = file_.string() + ": ";
    if (is_disk_full(handle_, code)) {
        message += "disk full. Remedy: make room on that disk; nothing that was accepted is lost";
    } else if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED) {
        message += "in use by another process for longer than " + std::to_string(busy_timeout_ms) +
                   " ms. Remedy: end the program that has it open";
    } else {
        const char* detail = handle_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle_);
        message += std::string(detail) + " (SQLite code " + std::to_string(code) + ")";
        const int system = handle_ == nullptr ? 0 : sqlite3_system_errno(handle_);
        const int primary = code & 0xff;
        if (system != 0 && (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN)) {
            message += ": " + std::generic_category().message(system);
        }
    }
    return Error{code_for(code), std::move(message)};
}

Query Database::query(const char* sql) {
    auto found = statements_.find(std::string_view(sql));
    if (found == statements_.end()) {
        sqlite3_stmt* statement = nullptr;
        const int code = sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        if (code != SQLITE_OK) {
            Query failed(*this, nullptr);
            failed.keep(code);
            return failed;
        }
        found = statements_.emplace(sql, std::unique_ptr<sqlite3_stmt, Finalize>(statement)).first;
    }
    HEADROOM_ASSERT(sqlite3_stmt_busy(found->second.get()) == 0);
    return Query(*this, found->second.get());
}

Result<void> Database::run(const char* sql) {
    const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    return code == SQLITE_OK ? Result<void>{} : Result<void>(fault(code));
}

Result<std::int64_t> Database::integer(const char* sql) {
    Query asked = query(sql);
    const Result<bool> row = asked.step();
    if (!row) {
        return row.error();
    }
    if (!*row) {
        return Error{Errc::corrupt, file_.string() + ": no row answers " + std::string(sql)};
    }
    return asked.integer(0);
}

void Database::roll_back() {
    // After some faults (full disk, I/O) SQLite has rolled back by itself.
    if (sqlite3_get_autocommit(handle_) == 0) {
        const int code = sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
        HEADROOM_ASSERT(code == SQLITE_OK || sqlite3_get_autocommit(handle_) != 0);
    }
}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file, const FileKind& kind) {
    std::unique_ptr<Database> database(new Database(file));
    const int code = sqlite3_open_v2(
        file.c_str(), &database->handle_,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    if (code != SQLITE_OK) {
        return database->fault(code);
    }
    if (const Result<void> started = database->start(kind); !started) {
        return started.error();
    }
    return database;
}

Result<void> Database::checkpoint_aside(Checkpointer::Limits limits) {
    Result<std::unique_ptr<Checkpointer>> started = Checkpointer::start(handle_, file_, limits);
    if (!started) {
        return started.error();
    }
    checkpointer_ = std::move(*started);
    return {};
}

Result<void> Database::start(const FileKind& kind) {
    sqlite3_busy_timeout(handle_, busy_timeout_ms);
    const Result<std::int64_t> version = integer("PRAGMA user_version");
    const Result<std::int64_t> application = version ? integer("PRAGMA application_id") : version;
    const Result<std::int64_t> tables =
        application ? integer("SELECT count(*) FROM sqlite_schema") : application;
    if (!tables) {
        return tables.error();
    }
    const bool is_new = *version == 0 && *application == 0 && *tables == 0;
    if (!is_new && *application != kind.application_id) {
        return Error{Errc::unsupported, file_.string() +
                                            ": a database, but not of Headroom's kind. Remedy: name " +
                                            "another file, or move this one away"};
    }
    const int newest = kind.migrations.back().version;
    if (*version > newest) {
        return Error{Errc::unsupported,
                     file_.string() + ": has version " + std::to_string(*version) +
                         ", this build knows versions up to " + std::to_string(newest) +
                         ". Remedy: run the newer Headroom that wrote it, or put back the copy " +
                         file_.filename().string() + ".bak-" + std::to_string(newest)};
    }
    for (const char* setting : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL",
                                "PRAGMA foreign_keys=OFF", "PRAGMA trusted_schema=OFF"}) {
        if (Result<void> set = run(setting); !set) {
            return set;
        }
    }
    if (*version < newest) {
        return migrate(kind, *version);
    }
    return {};
}

Result<void> Database::migrate(const FileKind& kind, std::int64_t from) {
    if (from > 0) {
        std::filesystem::path copy = file_;
        copy += ".bak-" + std::to_string(from);
        if (Result<void> backed_up = back_up(copy); !backed_up) {
            return backed_up;
        }
    }
    return transaction([&]() -> Result<void> {
        // Another process may have been quicker.
        const Result<std::int64_t> version = integer("PRAGMA user_version");
        if (!version) {
            return version.error();
        }
        for (const Migration& migration : kind.migrations) {
            if (migration.version <= *version) {
                continue;
            }
            const std::string mark = "PRAGMA user_version=" + std::to_string(migration.version);
            for (const char* sql : {migration.sql, mark.c_str()}) {
                if (Result<void> done = run(sql); !done) {
                    return done;
                }
            }
        }
        const std::string name = "PRAGMA application_id=" + std::to_string(kind.application_id);
        return run(name.c_str());
    });
}

Result<void> Database::back_up(const std::filesystem::path& to) {
    std::filesystem::path unfinished = to;
    unfinished += ".tmp";
    std::error_code ignored;  // there need not be one; if it cannot be removed, opening it tells
    std::filesystem::remove(unfinished, ignored);
    sqlite3* copy = nullptr;
    int code = sqlite3_open(unfinished.c_str(), &copy);
    if (code == SQLITE_OK) {
        sqlite3_backup* backup = sqlite3_backup_init(copy, "main", handle_, "main");
        if (backup == nullptr) {
            code = sqlite3_errcode(copy);
        } else {
            do {
                code = sqlite3_backup_step(backup, pages_at_once);
            } while (code == SQLITE_OK);
            const int finished = sqlite3_backup_finish(backup);
            code = code == SQLITE_DONE ? finished : code;
        }
    }
    const int closed = sqlite3_close(copy);
    code = code == SQLITE_OK ? closed : code;
    if (code != SQLITE_OK) {
        Error error = fault(code);
        error.message = "the copy " + to.string() +
                        " could not be made before a migration: " + std::string(sqlite3_errstr(code)) +
                        ". Remedy: make room beside the file";
        return error;
    }
    std::error_code renamed;
    std::filesystem::rename(unfinished, to, renamed);
    if (renamed) {
        return Error{Errc::unavailable, "the copy " + to.string() +
                                            " could not be made before a migration: " + renamed.message()};
    }
    return {};
}

}  // namespace headroom::store::sqlite
