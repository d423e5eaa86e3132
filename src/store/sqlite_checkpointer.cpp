#include "store/sqlite_checkpointer.hpp"

#include "core/log.hpp"

#include <sqlite3.h>

#include <chrono>
#include <string>
#include <utility>

namespace headroom::store::sqlite {
namespace {

constexpr std::chrono::milliseconds pause{20};

int checkpoint(sqlite3* handle) {
    return sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
}

}  // namespace

Result<std::unique_ptr<Checkpointer>> Checkpointer::start(sqlite3* writer, const std::filesystem::path& file,
                                                          Limits limits) {
    sqlite3* own = nullptr;
    const int code =
        sqlite3_open_v2(file.c_str(), &own, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    if (code != SQLITE_OK) {
        sqlite3_close(own);
        return Error{Errc::unavailable, file.string() + ": " + sqlite3_errstr(code)};
    }
    std::unique_ptr<Checkpointer> started(new Checkpointer(writer, own, limits));
    started->thread_ = std::thread([self = started.get()] { self->serve(); });
    sqlite3_wal_hook(writer, &Checkpointer::on_commit, started.get());
    return started;
}

Checkpointer::~Checkpointer() {
    sqlite3_wal_hook(writer_, nullptr, nullptr);
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
    sqlite3_close(own_);
}

/// On the writer's thread.
int Checkpointer::on_commit(void* self, sqlite3* writer, const char* /*name*/, int pages) {
    Checkpointer& checkpointer = *static_cast<Checkpointer*>(self);
    bool is_now_due = false;
    {
        const std::lock_guard lock(checkpointer.mutex_);
        const Limits& limits = checkpointer.limits_;
        is_now_due = pages >= limits.due && (checkpointer.pages_ < limits.due || pages >= limits.urgent);
        checkpointer.pages_ = pages;
        checkpointer.has_new_ = true;
    }
    if (is_now_due) {
        checkpointer.changed_.notify_one();
    }
    if (pages >= checkpointer.limits_.most) {
        static_cast<void>(
            checkpoint(writer));  // as SQLite's own: a disk without space shows in the next write
    }
    return SQLITE_OK;  // whatever came of it: the commit is done, and nobody shall hear that it failed
}

void Checkpointer::serve() {
    bool has_failed = false;
    std::unique_lock lock(mutex_);
    while (!is_stopping_) {
        if (pages_ < limits_.due) {
            changed_.wait(lock, [this] { return is_stopping_ || pages_ >= limits_.due; });
            continue;
        }
        has_new_ = false;
        changed_.wait_for(lock, pause, [this] { return is_stopping_ || pages_ >= limits_.urgent; });
        if (is_stopping_ || (has_new_ && pages_ < limits_.urgent)) {
            continue;
        }
        pages_ = 0;
        lock.unlock();
        const int code = checkpoint(own_);
        if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY && !std::exchange(has_failed, true)) {
            log::warn("a write-ahead log could not be moved into its database; it grows meanwhile",
                      {{"fault", sqlite3_errmsg(own_)}});
        }
        has_failed = has_failed && code != SQLITE_OK;
        lock.lock();
    }
}

}  // namespace headroom::store::sqlite
