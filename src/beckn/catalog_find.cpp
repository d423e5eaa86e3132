#include "beckn/catalog_book.hpp"
#include "grid/quantity.hpp"

#include <algorithm>
#include <tuple>

// Which of what was published answers a question.
namespace headroom::beckn {

namespace {

constexpr std::size_t words_max = 16;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Letters and digits in runs, small; other bytes (UTF-8) are taken for letters.
std::vector<std::string> words_in(std::string_view text) {
    std::vector<std::string> words;
    bool is_inside = false;
    for (const char c : text) {
        const bool is_letter = (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
                               static_cast<unsigned char>(c) >= 0x80;
        if (is_letter && !is_inside) {
            words.emplace_back();
        }
        if (is_letter) {
            words.back() += lower(c);
        }
        is_inside = is_letter;
    }
    return words;
}

/// What is asked, made ready for many items.
class Question {
  public:
    Question(const SearchIntent& intent, UtcTime now)
        : intent_(intent), now_(now), words_(words_in(intent.text)) {
        words_.resize(std::min(words_.size(), words_max));
    }

    [[nodiscard]] bool fits(const Catalog& catalog, const flex::Offer& offer) const {
        if (offer.valid_until != UtcTime{} && offer.valid_until <= now_) {
            return false;
        }
        if (has_need()) {
            return offer.turn_up == intent_.turn_up && is_here(offer.feeder) &&
                   offer.available_from < intent_.need_w.end() &&
                   intent_.need_w.start < offer.available_until;
        }
        return offer.available_until > now_ && is_here(offer.feeder) &&
               says({"flexibility demand response", offer.turn_up ? "turn up" : "turn down",
                     grid::to_string(offer.der_class), offer.der, offer.feeder, offer.id, catalog.provider,
                     catalog.provider_name, catalog.bpp_id});
    }
    [[nodiscard]] bool fits(const Catalog& catalog, const flex::ComputeWindow& window) const {
        const bool is_open = window.valid_until == UtcTime{} || window.valid_until > now_;
        return !has_need() && is_open && window.end > now_ &&
               says({"compute energy windows computing power", window.name, window.grid_area,
                     window.grid_zone, window.resource, window.id, catalog.provider, catalog.provider_name,
                     catalog.bpp_id});
    }
    /// A buyer's need is for sellers, who ask by words. Where it is stands in its location or its terms.
    [[nodiscard]] bool fits(const Catalog& catalog, const NeedLine& line) const {
        const bool is_open = !line.valid_until || *line.valid_until > now_;
        const bool is_begun = !line.valid_from || *line.valid_from <= now_;
        const std::string place = json::write(line.location) + json::write(json::Value(line.buyer_extras));
        return !has_need() && is_open && is_begun &&
               says({"demand flexibility needs", line.resource, line.offer, place, line.buyer,
                     catalog.provider, catalog.provider_name, catalog.bpp_id});
    }

  private:
    [[nodiscard]] bool has_need() const {
        return std::any_of(intent_.need_w.values.begin(), intent_.need_w.values.end(),
                           [](std::int64_t watts) { return watts > 0; });
    }
    [[nodiscard]] bool is_here(const std::string& feeder) const {
        return intent_.feeder.empty() || feeder == intent_.feeder;
    }
    [[nodiscard]] bool says(std::initializer_list<std::string_view> texts) const {
        if (words_.empty()) {
            return true;
        }
        std::vector<std::string> said;
        for (const std::string_view text : texts) {
            const std::vector<std::string> more = words_in(text);
            said.insert(said.end(), more.begin(), more.end());
        }
        return std::all_of(words_.begin(), words_.end(), [&said](const std::string& word) {
            return std::any_of(said.begin(), said.end(),
                               [&word](const std::string& one) { return one.starts_with(word); });
        });
    }

    const SearchIntent& intent_;
    UtcTime now_;
    std::vector<std::string> words_;
};

/// An item that fits: where it stands, and its price by which it is kept when there are too many.
struct Hit {
    std::int64_t price = 0;  // millionths for one megawatt-hour
    std::size_t catalog = 0;
    std::size_t number = 0;  // offers, then windows, then needs
};

}  // namespace

std::vector<Catalog> CatalogBook::find(const SearchIntent& intent, UtcTime now, std::size_t items_max) const {
    const Question question(intent, now);
    std::vector<const Catalog*> catalogs;
    std::vector<Hit> hits;
    const auto look = [&](const auto& items, std::size_t before, auto price) {
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (question.fits(*catalogs.back(), items[i])) {
                hits.push_back({price(items[i]), catalogs.size() - 1, before + i});
            }
        }
    };
    for (const auto& [name, kept] : kept_) {
        if (kept.until <= now) {
            continue;
        }
        const Catalog& catalog = kept.catalog;
        catalogs.push_back(&catalog);
        const std::size_t windows_at = catalog.offers.size();
        const std::size_t needs_at = windows_at + catalog.windows.size();
        look(catalog.offers, 0, [](const flex::Offer& offer) { return offer.utilisation.value; });
        look(catalog.windows, windows_at,
             [](const flex::ComputeWindow& window) { return window.price_per_mwh_micro; });
        look(catalog.needs, needs_at, [](const NeedLine&) { return std::int64_t{0}; });
    }
    const auto in_place = [](const Hit& a, const Hit& b) {
        return std::tie(a.catalog, a.number) < std::tie(b.catalog, b.number);
    };
    if (hits.size() > items_max) {
        std::stable_sort(hits.begin(), hits.end(),
                         [](const Hit& a, const Hit& b) { return a.price < b.price; });
        hits.resize(items_max);
        std::sort(hits.begin(), hits.end(), in_place);
    }
    std::vector<Catalog> found;
    std::size_t last = catalogs.size();
    for (const Hit& hit : hits) {
        const Catalog& from = *catalogs[hit.catalog];
        if (hit.catalog != last) {
            found.push_back({.provider = from.provider,
                             .provider_name = from.provider_name,
                             .offers = {},
                             .expires = from.expires,
                             .id = from.id,
                             .bpp_id = from.bpp_id,
                             .bpp_uri = from.bpp_uri});
            last = hit.catalog;
        }
        const std::size_t windows_at = from.offers.size();
        const std::size_t needs_at = windows_at + from.windows.size();
        if (hit.number < windows_at) {
            found.back().offers.push_back(from.offers[hit.number]);
        } else if (hit.number < needs_at) {
            found.back().windows.push_back(from.windows[hit.number - windows_at]);
        } else {
            found.back().needs.push_back(from.needs[hit.number - needs_at]);
        }
    }
    return found;
}

}  // namespace headroom::beckn
