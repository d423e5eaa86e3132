#include "beckn/lts_parts.hpp"
#include "beckn/lts_words.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace headroom::beckn::lts {

namespace {

constexpr std::size_t resources_of_offer_max = 64;

std::optional<UtcTime> time_at(const Node& node) {
    return node.is_there() ? node.time() : std::nullopt;
}

std::optional<UtcTime> earlier(std::optional<UtcTime> a, std::optional<UtcTime> b) {
    if (!a || !b) {
        return a ? a : b;
    }
    return std::min(*a, *b);
}

/// One catalog while it is read.
class Reader {
  public:
    Reader(const Node& node, const CodecLimits& limits, std::size_t items_left)
        : node_(node), limits_(limits), left_(items_left) {}

    std::optional<Catalog> read() {
        const std::size_t before = node_.faults().count();
        const Node provider = node_.member("provider");
        catalog_.provider = provider.member("id").foreign_id().value_or("");
        catalog_.provider_name =
            provider.member("descriptor").member("name").text_or_empty(name_max).value_or("");
        catalog_.id = node_.member("id").foreign_id().value_or("");
        catalog_.id = catalog_.id == catalog_.provider ? "" : catalog_.id;
        catalog_.bpp_id =
            node_.member("bppId").is_there() ? node_.member("bppId").foreign_id().value_or("") : "";
        catalog_.bpp_uri = node_.member("bppUri").text_or_empty(uri_max).value_or("");
        catalog_.expires = time_at(node_.member("validity").member("endDate"));
        const json::Value* active = node_.member("isActive").value();
        const bool is_active = active == nullptr || active->as_bool().value_or(true);
        if (node_.faults().count() != before) {
            return std::nullopt;
        }
        if (!is_active) {
            return std::move(catalog_);  // nothing of it can be had
        }
        for (const Node& resource : node_.member("resources").items(limits_.items)) {
            resources_.emplace(text_at(resource.member("id")), resource);
        }
        for (const Node& offer : node_.member("offers").items(left_)) {
            read_offer(offer);
        }
        read_resources_alone();
        return std::move(catalog_);
    }

  private:
    void read_offer(const Node& offer) {
        const std::string owner = text_at(offer.member("provider").member("id"));
        if (!offers_.emplace(owner, text_at(offer.member("id"))).second) {
            offer.member("id").refuse("stands twice; the first stands");
            return;
        }
        const std::vector<Node> ids = offer.member("resourceIds").items(resources_of_offer_max);
        for (const Node& id : ids) {
            const auto resource = resources_.find(text_at(id));
            if (resource == resources_.end()) {
                id.refuse("names no resource of this catalog");
                continue;
            }
            used_.insert(resource->first);
            read_entry(resource->second, offer);
        }
        if (ids.empty()) {
            offer.member("resourceIds").refuse("names no resource");
        }
    }

    /// A need may stand without an offer yet; nothing else may.
    void read_resources_alone() {
        for (const auto& [id, resource] : resources_) {
            if (!used_.contains(id)) {
                read_entry(resource, Node(nullptr, resource.pointer(), resource.faults()));
            }
        }
    }

    void read_entry(const Node& resource, const Node& offer) {
        const std::size_t before = node_.faults().count();
        Entry entry;
        PackTarget target{.entry = &entry, .performance = nullptr, .order = nullptr, .limits = &limits_};
        read_pack(resource.member("resourceAttributes"), Part::resource, target);
        read_pack(offer.member("offerAttributes"), Part::offer, target);
        if (node_.faults().count() != before) {
            return;
        }
        switch (entry.kind) {
            case EntryKind::offer:
                return keep_offer(entry, offer, resource);
            case EntryKind::need:
                return keep_need(entry, offer, resource);
            case EntryKind::window:
                return keep_window(entry, offer, resource);
            case EntryKind::unknown:
            case EntryKind::line:
                break;
        }
        resource.member("resourceAttributes").refuse("is of no type known here");
    }

    void keep_offer(Entry& entry, const Node& node, const Node& resource) {
        if (!node.member("offerAttributes").is_there() || entry.offer.der.empty()) {
            resource.refuse("must have attributes of both resource and offer");
            return;
        }
        flex::Offer& offer = entry.offer;
        const std::optional<std::string> id = node.member("id").own_id();
        const Node provider = node.member("provider").member("id");
        const std::optional<std::string> seller =
            provider.is_there() ? provider.foreign_id() : std::optional(catalog_.provider);
        if (!id || !seller || !is_first(*seller, *id, node)) {
            return;
        }
        offer.id = *id;
        offer.provider = *seller;
        offer.valid_until =
            earlier(catalog_.expires, time_at(node.member("validity").member("endDate"))).value_or(UtcTime{});
        catalog_.offers.push_back(std::move(offer));
    }

    void keep_need(Entry& entry, const Node& node, const Node& resource) {
        NeedLine& line = entry.need;
        line.resource = resource.member("id").foreign_id().value_or("");
        const std::optional<std::string> offer =
            node.is_there() ? node.member("id").foreign_id() : std::optional(std::string());
        if (!offer) {
            return;
        }
        line.offer = *offer;
        if (line.offer.empty() && !line.need) {
            resource.member("resourceAttributes").refuse("says nothing that is needed");
            return;
        }
        line.valid_from = time_at(node.member("validity").member("startDate"));
        line.valid_until = time_at(node.member("validity").member("endDate"));
        if (!line.resource.empty() && is_first(line.offer, line.resource, resource)) {
            catalog_.needs.push_back(std::move(line));
        }
    }

    void keep_window(Entry& entry, const Node& node, const Node& resource) {
        flex::ComputeWindow& window = entry.window;
        const std::optional<std::string> id = node.member("id").foreign_id();
        if (!id || !is_first(catalog_.provider, *id, node)) {
            return;
        }
        window.id = *id;
        window.resource = text_at(resource.member("id"));
        window.provider = catalog_.provider;
        window.name = text_at(resource.member("descriptor").member("name"));
        window.valid_until =
            earlier(catalog_.expires, time_at(node.member("validity").member("endDate"))).value_or(UtcTime{});
        catalog_.windows.push_back(std::move(window));
    }

    /// Two of one id cannot be told apart in an order: the first stands.
    bool is_first(const std::string& owner, const std::string& id, const Node& where) {
        if (seen_.emplace(owner, id).second) {
            return true;
        }
        where.refuse("has an id that stands twice; the first stands");
        return false;
    }

    Node node_;
    const CodecLimits& limits_;
    std::size_t left_;
    Catalog catalog_{.provider = {}, .provider_name = {}, .offers = {}, .expires = {}};
    std::map<std::string, Node> resources_;
    std::set<std::string> used_;
    std::set<std::pair<std::string, std::string>> offers_;
    std::set<std::pair<std::string, std::string>> seen_;
};

}  // namespace

std::vector<Catalog> read_catalogs(const Node& list, const CodecLimits& limits) {
    std::vector<Catalog> catalogs;
    std::size_t left = limits.items;
    for (const Node& node : list.items(limits.catalogs)) {
        std::optional<Catalog> catalog = Reader(node, limits, left).read();
        if (catalog) {
            const std::size_t count =
                catalog->offers.size() + catalog->needs.size() + catalog->windows.size();
            left -= std::min(left, count);
            catalogs.push_back(std::move(*catalog));
        }
    }
    return catalogs;
}

}  // namespace headroom::beckn::lts
