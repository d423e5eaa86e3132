#pragma once

#include "beckn/action.hpp"
#include "beckn/envelope.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headroom::beckn {

/// A request whose callback is awaited.
struct Pending {
    std::string message_id;
    Action request = Action::search;
    std::string transaction_id;
    std::string peer;                         ///< subscriber that was asked; empty: anybody may answer
    std::vector<std::string> authorizations;  ///< headers, of each time it was signed; newest last

    bool operator==(const Pending&) const = default;
};

enum class MatchKind : std::uint8_t {
    exact,     ///< by message id and action, or by the request's signature
    weak,      ///< by transaction, peer and action with exactly one pending: an old peer made a new id
    late,      ///< answers a request that is no longer waited for
    mismatch,  ///< carries a message id of ours with another transaction, peer or action
    none,      ///< belongs to no request
};
[[nodiscard]] std::string_view to_string(MatchKind kind);

struct Match {
    MatchKind kind = MatchKind::none;
    std::string message_id;  ///< of the request, for exact, weak and late
};

/// Whether a callback is bound to the request with this Authorization header (request-signature of 2.0).
using SignedFor = std::function<bool(const std::string& request_authorization)>;

/// Which request a callback answers.
class Correlator {
  public:
    /// `weak_allowed`: take callbacks under a new message id where only one request can be meant.
    explicit Correlator(bool weak_allowed = true, std::size_t closed_max = 4096);

    void open(Pending pending);
    /// No longer waited for; callbacks to it are late from now on.
    void close(const std::string& message_id);
    /// The request was signed once more: its bytes are the same, its signature is not.
    void add_authorization(const std::string& message_id, std::string authorization);
    /// Authorization headers of the requests to `peer`, awaited or not, whose message id stands in these
    /// bytes, then of those whose transaction does: what a bound callback may have been signed for. At most
    /// `max`.
    [[nodiscard]] std::vector<std::string> authorizations_named_in(std::string_view bytes,
                                                                   std::string_view peer,
                                                                   std::size_t max) const;
    /// With `signed_for`, the callback names the request that it answers by that request's signature, and
    /// this decides among the requests of its transaction, peer and action; the message id only says where to
    /// look first. One that was signed for no request of ours is a mismatch.
    [[nodiscard]] Match match(const Context& callback, std::string_view sender,
                              const SignedFor& signed_for = {}) const;
    /// Whether the bytes name an awaited request that anybody may answer.
    [[nodiscard]] bool names_open_to_all(std::string_view bytes) const;
    /// Open requests to `peer` with this action: message ids, in order.
    [[nodiscard]] std::vector<std::string> open_requests(std::string_view peer, Action request) const;

  private:
    [[nodiscard]] Match match_by_signature(const Context& callback, std::string_view sender,
                                           const SignedFor& signed_for) const;

    bool weak_allowed_;
    std::size_t closed_max_;
    /// Every request, awaited ones first, then those no longer waited for, the newest first; until `look`
    /// answers true.
    template <class Look>
    void walk(const Look& look) const;

    std::map<std::string, Pending> open_;
    std::unordered_map<std::string, Pending> closed_;
    std::deque<std::string> closed_order_;
};

}  // namespace headroom::beckn
