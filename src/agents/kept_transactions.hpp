#pragma once

#include "core/result.hpp"
#include "store/records.hpp"

#include <cstddef>
#include <string_view>
#include <unordered_set>

namespace headroom::agents {

/// Tells without the store whether it may hold the conversation of a transaction: to read it there, behind
/// what waits to be written, takes longer than a message to the provider and back.
class KeptTransactions {
  public:
    /// Until `learn` has succeeded, and again beyond this many, every transaction may be held.
    static constexpr std::size_t kept_max = 1'000'000;

    /// Everything of that kind in the store, page by page. Blocking: on the store's thread.
    /// Errors: as the store's.
    [[nodiscard]] static Result<KeptTransactions> learn(store::Records& records, std::string_view kind);

    void add(std::string_view transaction);
    /// False only when the store cannot hold it.
    [[nodiscard]] bool may_hold(std::string_view transaction) const;

  private:
    bool is_complete_ = false;
    std::unordered_set<std::size_t> hashes_;
};

}  // namespace headroom::agents
