#pragma once

#include <map>
#include <string>
#include <string_view>

namespace headroom::copilot {

/// Names that stand for a site's own in what leaves it: "feeder-1" for LV-017. One object for one
/// conversation; the same id always gets the same name, numbers in the order of first use.
class Pseudonyms {
  public:
    /// `kind` is [a-z]+: "feeder", "offer" …
    [[nodiscard]] std::string name_of(std::string_view kind, std::string_view id);
    /// The id behind a name, or nothing ("") for a name that was never given.
    [[nodiscard]] std::string id_of(std::string_view name) const;
    /// `text` with every id that has a name, as a word of its own, replaced by it.
    [[nodiscard]] std::string hidden(std::string_view text) const;
    /// `text` with every name replaced by the id behind it.
    [[nodiscard]] std::string shown(std::string_view text) const;

  private:
    [[nodiscard]] static std::string replaced(std::string_view text,
                                              const std::map<std::string, std::string, std::less<>>& words);
    std::map<std::string, std::string, std::less<>> names_;  ///< by id
    std::map<std::string, std::string, std::less<>> ids_;    ///< by name
    std::map<std::string, int, std::less<>> counts_;
};

}  // namespace headroom::copilot
