#pragma once

#include "beckn/codec.hpp"
#include "beckn/envelope.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom::beckn {

struct CatalogRules {
    std::size_t publishers_max = 1000;
    std::size_t catalogs_max = 64;        ///< of one publisher, those taken back included
    std::size_t items_max = 5000;         ///< of one publisher, over all its catalogs
    std::size_t items_all_max = 200'000;  ///< of everybody
    milliseconds lasts = hours{24};       ///< of a catalog that names no end, or a later one
};

/// What one catalog/publish brings, once its sender is certain.
struct Publication {
    std::string publisher;  ///< whose key signed
    std::string url;        ///< where he is registered: his catalogs may name nothing outside
    UtcTime timestamp{};    ///< of the message: of two, the later one counts
    std::vector<Catalog> catalogs;
    std::vector<std::string> ids;  ///< of every catalog in the message, those that could not be read included
    std::vector<Fault> faults;     ///< with pointers into the message
};
/// Sorts out what was read of a message of that action. `raw` are its bytes.
[[nodiscard]] Publication publication_of(const Decoded& decoded, std::string_view raw, std::string publisher,
                                         std::string url);

/// The id under which a catalog is known: its own, or its provider's where it says none.
[[nodiscard]] const std::string& name_of(const Catalog& catalog);

/// What a discovery service of 2.0 holds: of every publisher the newest catalog under each id. Pure.
///
/// A catalog takes the place of the older one under its id; one that is older than what stands is refused, so
/// that a message sent again changes nothing. It is answered until its validity is over, `lasts` at most, or
/// until its publisher takes it back: one that is empty, or not active, takes its place. Nobody publishes for
/// another.
/// Source: docs/formats/beckn-discovery.md.
class CatalogBook {
  public:
    explicit CatalogBook(CatalogRules rules = {}) : rules_(rules) {}

    /// What became of each catalog of the message, in its order.
    PublishAnswer take(Publication publication, UtcTime now);

    /// What fits, each catalog with what is left of it, sorted by publisher and id; at most `items_max`
    /// offers, windows and needs in all, the cheapest first where there are more. With a need by half-hours:
    /// offers on its feeder and in its direction that can be had in its time. Without: whatever has every
    /// word of the text, whole or as a beginning, in its names, places and kind; without a text everything.
    [[nodiscard]] std::vector<Catalog> find(const SearchIntent& intent, UtcTime now,
                                            std::size_t items_max) const;

    /// Drops what is over.
    void forget(UtcTime now);
    [[nodiscard]] std::size_t size() const { return kept_.size(); }  ///< catalogs
    [[nodiscard]] std::size_t items() const { return items_; }

  private:
    using Name = std::pair<std::string, std::string>;  // publisher, catalog
    struct Kept {
        Catalog catalog;
        UtcTime published{};  // by its publisher's clock
        UtcTime until{};
    };
    [[nodiscard]] std::optional<MessageError> refuse(const Publication& publication, const Catalog& catalog,
                                                     UtcTime now) const;
    [[nodiscard]] bool has_room_for(const Name& name, std::size_t items) const;
    void drop(std::map<Name, Kept>::iterator entry);

    CatalogRules rules_;
    std::map<Name, Kept> kept_;
    std::size_t items_ = 0;
};

}  // namespace headroom::beckn
