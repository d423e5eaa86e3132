#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace headroom::app {

/// A folder for one run that is removed with its object, unless the caller gave one.
class RunFolder {
  public:
    explicit RunFolder(const std::filesystem::path& given) : path_(given) {
        if (path_.empty()) {
            std::string pattern = (std::filesystem::temp_directory_path() / "headroom-run-XXXXXX").string();
            if (mkdtemp(pattern.data()) != nullptr) {
                path_ = pattern;
                is_own_ = true;
            }
        }
    }
    RunFolder(const RunFolder&) = delete;
    RunFolder& operator=(const RunFolder&) = delete;
    ~RunFolder() {
        if (is_own_) {
            std::error_code ignored;
            std::filesystem::remove_all(path_, ignored);
        }
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
    bool is_own_ = false;
};

}  // namespace headroom::app
