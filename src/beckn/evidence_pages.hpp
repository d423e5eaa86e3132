#pragma once

#include "beckn/envelope.hpp"
#include "core/result.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace headroom::beckn {

/// Puts evidence together that comes in pages: by transaction and performance, in whatever order. Bounded: so
/// many pages and meters each, so many performances at once. Not thread-safe; owned by one strand.
class EvidencePages {
  public:
    struct Limits {
        std::size_t performances = 256;
        std::size_t pages = 1000;
        std::size_t meters = 1'000'000;
    };
    EvidencePages() = default;
    explicit EvidencePages(Limits limits) : limits_(limits) {}

    /// What came; the whole, without its page, once the last page and every one before it are there. Evidence
    /// that is no page is whole by itself. A page that comes again is passed over.
    /// Errors: `conflict` when a page comes again with other meters, or a second last page or one beyond it;
    /// `invalid` beyond the bounds.
    Result<std::optional<flex::Performance>> add(const std::string& transaction,
                                                 const flex::Performance& page);

  private:
    struct Pages {
        std::map<std::int64_t, flex::Performance> by_sequence;
        std::optional<std::int64_t> last;
        std::size_t meters = 0;
    };
    Limits limits_{};
    std::map<std::pair<std::string, std::string>, Pages> open_;
};

/// The meters of a bundle that lies elsewhere, fetched by others: `raw` must hash to what the reference says,
/// as it stands or with its keys sorted (RFC 8785), and hold as many meters. A list of meters or an object
/// with `meters`.
/// Errors: `corrupt` when hash or count differ; `invalid` with the pointer when it cannot be read.
[[nodiscard]] Result<std::vector<flex::MeterSeries>> read_meters_bundle(std::string_view raw,
                                                                        const flex::MetersRef& ref);

}  // namespace headroom::beckn
