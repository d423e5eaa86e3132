#pragma once

#include "beckn/action.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::sim {

/// What a simulated provider can do wrong with one message. Each concerns the actions that it makes sense
/// for, see `concerns`.
enum class FaultKind : std::uint8_t {
    delay,               ///< the callback comes later, within the ttl
    drop,                ///< ACK, and the callback is lost
    duplicate,           ///< the callback is delivered two times
    reorder,             ///< the callback is held back so that later ones overtake it
    late,                ///< the callback comes after the ttl of its request
    wrong_message_id,    ///< the callback carries a message id of its own
    bad_signature,       ///< signed with a key that the registry does not know
    expired_signature,   ///< signed long ago
    skewed_clock,        ///< the provider's clock runs ahead
    partial_commitment,  ///< on_confirm commits less than was asked
    quote_change,        ///< on_init is dearer than on_select
    quote_expiry,        ///< the quote is gone before anybody can confirm it
    nack,                ///< refused at once
    no_callback_202,     ///< HTTP 202: taken, no callback will follow
    no_callback_409,     ///< the same in the words of the 2.0 schema
    server_error,        ///< HTTP 503 for the first sends of a message
    timeout,             ///< taken, but the answer to the first sends comes too late
    bad_items,           ///< the catalogue has items that cannot be read
    huge_catalogue,      ///< the catalogue has more items than anybody reads
    paged_telemetry,     ///< meters come in several on_status
    unsolicited_cancel,  ///< after on_confirm the provider cancels by itself
    unsolicited_update,  ///< after on_confirm the provider takes some of its power back
    under_delivery,      ///< meters show less than was promised
    crash,               ///< the process dies between writing the order down and on_confirm
};
inline constexpr std::size_t fault_kinds = 24;
[[nodiscard]] std::string_view to_string(FaultKind kind);
[[nodiscard]] std::optional<FaultKind> parse_fault_kind(std::string_view text);
/// Whether the fault can befall a request of this kind: `crash` only a confirm, `delay` every request.
[[nodiscard]] bool concerns(FaultKind kind, beckn::Action request);

/// One fault and how often it befalls a message that it concerns.
struct FaultRule {
    FaultKind kind = FaultKind::drop;
    std::int64_t chance_ppm = 1'000'000;
    std::optional<beckn::Action> action;  ///< this request only; nothing: every one that the fault concerns
    bool operator==(const FaultRule&) const = default;
};

/// How large the faults are. Times are domain time but for `hang`.
struct FaultSizes {
    milliseconds delay_max{500};   ///< a delay is drawn up to this, never beyond the ttl
    milliseconds reorder_by{300};  ///< how long a callback is held back
    milliseconds late_by{500};     ///< beyond the ttl
    milliseconds hang{3'000};      ///< wall time before the answer to a request that times out
    milliseconds skew{60'000};
    milliseconds quote_ttl{1};
    milliseconds unsolicited_after{200};  ///< after on_confirm has been sent
    std::int64_t commit_ppm_min = 300'000;
    std::int64_t commit_ppm_max = 900'000;
    std::int64_t quote_rise_ppm = 100'000;
    std::int64_t deliver_ppm = 600'000;  ///< share delivered where there is under-delivery
    std::int64_t huge_items = 20'000;
    std::int64_t bad_items = 3;
    std::int64_t sends_failed_max = 3;  ///< so many sends of one message fail at most
    bool operator==(const FaultSizes&) const = default;
};

/// The faults that one message meets: a function of (seed, provider, transaction, action), so that a run
/// repeats exactly, whatever the order of arrival.
class DrawnFaults {
  public:
    [[nodiscard]] bool has(FaultKind kind) const { return (bits_ >> static_cast<unsigned>(kind) & 1U) != 0; }
    [[nodiscard]] bool any() const { return bits_ != 0; }
    void add(FaultKind kind) { bits_ |= std::uint32_t{1} << static_cast<unsigned>(kind); }
    /// Uniform in [low, high], the same again for the same message and kind.
    [[nodiscard]] std::int64_t between(FaultKind kind, std::int64_t low, std::int64_t high) const;

  private:
    friend DrawnFaults draw_faults(const std::vector<FaultRule>& rules, std::uint64_t seed,
                                   std::string_view provider, std::string_view transaction,
                                   beckn::Action request);
    std::uint32_t bits_ = 0;
    std::uint64_t seed_ = 0;
    std::uint64_t entity_ = 0;
    std::uint64_t step_ = 0;
};

[[nodiscard]] DrawnFaults draw_faults(const std::vector<FaultRule>& rules, std::uint64_t seed,
                                      std::string_view provider, std::string_view transaction,
                                      beckn::Action request);

/// Reads "drop=0.2", "confirm:crash=0.05" or "all=0.2" (every kind); without "=" the fault is certain.
/// Errors: `invalid` with the words that there are.
[[nodiscard]] Result<std::vector<FaultRule>> parse_fault_rule(std::string_view text);

}  // namespace headroom::sim
