#pragma once

#include "agents/journal.hpp"
#include "audit/blob_store.hpp"
#include "audit/log.hpp"
#include "core/async.hpp"
#include "store/records.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace headroom::agents::test {

/// A folder that goes with the test.
class Folder {
  public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "headroom-agents-XXXXXX").string();
        const char* made = ::mkdtemp(pattern.data());
        HEADROOM_ASSERT(made != nullptr);
        path_ = made;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// What an agent writes to, in a folder that goes with the test: the log, blobs and records of a process.
class Stores {
  public:
    Stores(const asio::any_io_executor& executor, const WallClock& wall) {
        audit::LogOptions options{.dir = folder_.path() / "audit",
                                  .origin = "test.example/audit",
                                  .key = Ed25519KeyPair::from_secret(std::string(32, '\7')).value(),
                                  .wall_clock = wall};
        options.reserve_bytes = 1UL << 16U;
        options.allocate_step = 1UL << 18U;
        log = audit::Log::open(std::move(options)).value();
        blobs_ = std::make_unique<audit::BlobStore>(audit::BlobStore::open(path() / "blobs").value());
        auto kept = store::open_sqlite_records(path() / "records.db").value();
        auto ahead = store::AheadFile::open(path() / "records.ahead", *kept).value();
        records = std::make_unique<RecordStore>(std::move(kept), std::move(ahead));
        journal = std::make_unique<Journal>(executor, *log, *blobs_, *records);
    }
    [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }
    [[nodiscard]] bool idle() const { return journal->idle() && records->idle(); }

  private:
    Folder folder_;

  public:
    std::unique_ptr<audit::Log> log;

  private:
    std::unique_ptr<audit::BlobStore> blobs_;

  public:
    std::unique_ptr<RecordStore> records;
    std::unique_ptr<Journal> journal;
};

template <class T>
Awaitable<void> keep_answer(Awaitable<T> work, std::shared_ptr<std::optional<T>> answer) {
    T value = co_await std::move(work);
    answer->emplace(std::move(value));
}

/// Starts a coroutine; what it answers stands in what is returned once it has ended.
template <class T>
std::shared_ptr<std::optional<T>> start_on(asio::io_context& context, Awaitable<T> work) {
    auto answer = std::make_shared<std::optional<T>>();
    spawn(context.get_executor(), keep_answer<T>(std::move(work), answer));
    return answer;
}

}  // namespace headroom::agents::test
