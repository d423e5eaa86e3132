#pragma once

#include "core/result.hpp"

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

struct sqlite3;

namespace headroom::store::sqlite {

/// Moves what has come together in a database's write-ahead log into the database, on a connection and a
/// thread of its own: the syncs that this takes would hold up whoever waits for a write. It prefers a pause
/// between writes. Source: https://www.sqlite.org/wal.html, "Avoiding Excessively Large WAL Files".
class Checkpointer {
  public:
    /// In pages of the log.
    struct Limits {
        int due = 1000;      ///< as SQLite's own checkpoints: 4 MB
        int urgent = 8'000;  ///< from here on without waiting for a pause
        int most = 32'000;   ///< the thread does not keep up: the writer helps
    };
    /// Takes the place of the automatic checkpoints of `writer`, which has the file open and outlives this.
    /// Errors: `unavailable` when the file cannot be opened.
    [[nodiscard]] static Result<std::unique_ptr<Checkpointer>> start(sqlite3* writer,
                                                                     const std::filesystem::path& file,
                                                                     Limits limits);
    ~Checkpointer();
    Checkpointer(const Checkpointer&) = delete;
    Checkpointer& operator=(const Checkpointer&) = delete;

  private:
    Checkpointer(sqlite3* writer, sqlite3* own, Limits limits)
        : writer_(writer), own_(own), limits_(limits) {}
    static int on_commit(void* self, sqlite3* writer, const char* name, int pages);
    void serve();

    sqlite3* writer_;
    sqlite3* own_;
    Limits limits_;
    std::mutex mutex_;
    std::condition_variable changed_;
    int pages_ = 0;         // in the log, as of the last commit
    bool has_new_ = false;  // commits since it was looked at
    bool is_stopping_ = false;
    std::thread thread_;
};

}  // namespace headroom::store::sqlite
