#include "beckn/evidence_pages.hpp"

#include "beckn/pack_demand_flex.hpp"
#include "core/digest.hpp"

#include <algorithm>

namespace headroom::beckn {

namespace {

constexpr std::size_t bundle_bytes_max = 64UL << 20U;
constexpr std::size_t bundle_meters_max = 200'000;

/// Keys sorted at every level: with our shortest numbers that is the canonical form for all that a meter
/// holds.
json::Value sorted(const json::Value& value) {
    if (const json::Array* array = value.as_array()) {
        json::Array out;
        out.reserve(array->size());
        for (const json::Value& element : *array) {
            out.push_back(sorted(element));
        }
        return out;
    }
    const json::Object* object = value.as_object();
    if (object == nullptr) {
        return value;
    }
    std::vector<json::Object::Member> members = object->members();
    std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
    for (auto& [key, member] : members) {
        member = sorted(member);
    }
    return json::Object::from_distinct(std::move(members));
}

Error out_of_bounds(const std::string& id) {
    return Error{Errc::invalid, "evidence " + id + " has more pages or meters than are taken", ""};
}

}  // namespace

Result<std::optional<flex::Performance>> EvidencePages::add(const std::string& transaction,
                                                            const flex::Performance& page) {
    if (!page.page) {
        return std::optional(page);
    }
    const auto key = std::pair(transaction, page.id);
    if (!open_.contains(key) && open_.size() >= limits_.performances) {
        return out_of_bounds(page.id);
    }
    Pages& pages = open_[key];
    const std::int64_t sequence = page.page->sequence;
    if (const auto known = pages.by_sequence.find(sequence); known != pages.by_sequence.end()) {
        if (known->second == page) {
            return std::optional<flex::Performance>();
        }
        return Error{
            Errc::conflict,
            "page " + std::to_string(sequence) + " of " + page.id + " came before with other content",
            "/pageInfo/sequence"};
    }
    const bool is_after_last = pages.last && (page.page->is_last || sequence > *pages.last);
    const bool is_before_known =
        page.page->is_last && !pages.by_sequence.empty() && pages.by_sequence.rbegin()->first > sequence;
    if (is_after_last || is_before_known) {
        return Error{Errc::conflict,
                     "page " + std::to_string(sequence) + " of " + page.id + " contradicts the last",
                     "/pageInfo/isLast"};
    }
    if (pages.by_sequence.size() >= limits_.pages || pages.meters + page.meters.size() > limits_.meters) {
        return out_of_bounds(page.id);
    }
    pages.meters += page.meters.size();
    pages.last = page.page->is_last ? std::optional(sequence) : pages.last;
    pages.by_sequence.emplace(sequence, page);
    if (!pages.last || pages.by_sequence.size() != static_cast<std::size_t>(*pages.last) + 1) {
        return std::optional<flex::Performance>();
    }
    flex::Performance whole = std::move(pages.by_sequence.rbegin()->second);
    std::vector<flex::MeterSeries> meters;
    meters.reserve(pages.meters);
    for (auto& [number, part] : pages.by_sequence) {
        std::vector<flex::MeterSeries>& own = number == *pages.last ? whole.meters : part.meters;
        std::move(own.begin(), own.end(), std::back_inserter(meters));
    }
    whole.meters = std::move(meters);
    whole.page.reset();
    open_.erase(key);
    return std::optional(std::move(whole));
}

Result<std::vector<flex::MeterSeries>> read_meters_bundle(std::string_view raw, const flex::MetersRef& ref) {
    Result<json::Value> parsed = json::parse(raw, {.bytes = bundle_bytes_max, .depth = 16});
    if (!parsed) {
        return parsed.error();
    }
    if (sha256_hex(raw) != ref.sha256 && sha256_hex(json::write(sorted(*parsed))) != ref.sha256) {
        return Error{Errc::corrupt,
                     "the meters at " + ref.uri.substr(0, 128) + " do not have the hash that was told",
                     "/contentHash"};
    }
    json::Value wrapped = std::move(*parsed);
    if (wrapped.is_array()) {
        wrapped = json::Object{{"meters", std::move(wrapped)}};
    }
    std::vector<Fault> faults;
    v11::FaultList list(faults, 1);
    CodecLimits limits;
    limits.meters = bundle_meters_max;
    flex::Performance performance;
    Order order;
    lts::PackTarget target{.entry = nullptr, .performance = &performance, .order = &order, .limits = &limits};
    lts::read_performance(v11::Node(&wrapped, "", list), target);
    if (!faults.empty()) {
        return Error{Errc::invalid, faults.front().detail, faults.front().pointer};
    }
    if (performance.meters.size() != static_cast<std::size_t>(ref.count)) {
        return Error{Errc::corrupt,
                     "the bundle has " + std::to_string(performance.meters.size()) + " meters, expected " +
                         std::to_string(ref.count),
                     "/count"};
    }
    return std::move(performance.meters);
}

}  // namespace headroom::beckn
