#pragma once

#include "core/result.hpp"
#include "feeds/provenance.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace headroom::feeds {

/// How a source has been doing, for people.
struct FeedHealth {
    std::string source;
    std::optional<UtcTime> last_answer = {};   ///< newest good answer, wall time
    std::optional<UtcTime> last_trouble = {};  ///< newest failure
    std::string trouble;                       ///< what it was
    std::optional<UtcTime> not_before = {};    ///< the service asked to be left alone until then
    [[nodiscard]] bool is_down() const {
        return last_trouble && (!last_answer || *last_answer < *last_trouble);
    }
    bool operator==(const FeedHealth&) const = default;
};

/// Answers and health of sources on disk, a folder for each source, a file for each request. Written whole or
/// not at all. One thread; several processes may share the folder, the later write wins.
class FeedCache {
  public:
    explicit FeedCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// The newest answer to `target` of `source`. A file that cannot be read counts as none, and is told in
    /// the log.
    [[nodiscard]] std::optional<FeedDocument> find(const std::string& source,
                                                   const std::string& target) const;
    /// Errors: `unavailable` when the disk does not take it.
    Result<void> put(const std::string& target, const FeedDocument& document);
    void forget(const std::string& source, const std::string& target) const;
    [[nodiscard]] FeedHealth health(const std::string& source) const;
    Result<void> put_health(const FeedHealth& health);
    /// Lets go of answers older than `age`, and of the oldest beyond `files_max` of a source.
    void prune(const std::string& source, UtcTime now, milliseconds age, std::size_t files_max) const;

  private:
    [[nodiscard]] std::filesystem::path file_of(const std::string& source, const std::string& target) const;
    std::filesystem::path folder_;
};

}  // namespace headroom::feeds
