#include "agents/reservation_book.hpp"

#include <utility>

namespace headroom::agents {

ReservationBook::Key ReservationBook::key_of(const store::Reservation& reservation) {
    return {reservation.period, reservation.turn_up, reservation.contract};
}

void ReservationBook::put(Entry& entry, const store::Reservation& reservation) {
    entry.held.insert_or_assign(key_of(reservation), reservation);
    ders_of_[reservation.contract].insert(reservation.der);
}

bool ReservationBook::knows(const std::string& der) const {
    const auto found = by_der_.find(der);
    return found != by_der_.end() && found->second.is_learnt && found->second.writes == 0;
}

void ReservationBook::learn(const std::string& der, const std::vector<store::Reservation>& all) {
    Entry& entry = by_der_[der];
    entry.is_learnt = true;
    entry.held.clear();
    for (const store::Reservation& each : all) {
        put(entry, each);
    }
}

std::vector<store::Reservation> ReservationBook::of(const std::string& der, UtcTime now) {
    std::vector<store::Reservation> live;
    const auto found = by_der_.find(der);
    if (found == by_der_.end()) {
        return live;
    }
    forget_ended(found->second, now);
    live.reserve(found->second.held.size());
    for (const auto& [key, each] : found->second.held) {
        live.push_back(each);
    }
    return live;
}

void ReservationBook::forget_ended(Entry& entry, UtcTime now) {
    std::map<std::string, std::string> der_by_contract;
    std::erase_if(entry.held, [&](const auto& each) {
        const bool has_ended = each.second.lease_until <= now;
        if (has_ended) {
            der_by_contract.emplace(each.second.contract, each.second.der);
        }
        return has_ended;
    });
    for (const auto& [key, each] : entry.held) {
        der_by_contract.erase(each.contract);
    }
    for (const auto& [contract, der] : der_by_contract) {
        const auto ders = ders_of_.find(contract);
        if (ders != ders_of_.end() && ders->second.erase(der) > 0 && ders->second.empty()) {
            ders_of_.erase(ders);
        }
    }
}

std::set<std::string> ReservationBook::begin_writing(const std::vector<store::Reservation>& wanted) {
    std::set<std::string> ders;
    for (const store::Reservation& each : wanted) {
        if (ders.insert(each.der).second) {
            ++by_der_[each.der].writes;
        }
    }
    return ders;
}

std::set<std::string> ReservationBook::begin_writing(const std::string& contract) {
    const auto found = ders_of_.find(contract);
    std::set<std::string> ders = found == ders_of_.end() ? std::set<std::string>{} : found->second;
    for (const std::string& der : ders) {
        ++by_der_[der].writes;
    }
    return ders;
}

void ReservationBook::end_writing(const std::set<std::string>& ders) {
    for (const std::string& der : ders) {
        --by_der_[der].writes;
    }
}

void ReservationBook::add(const std::vector<store::Reservation>& reserved) {
    std::set<std::pair<std::string, Key>> of_this_call;
    for (const store::Reservation& each : reserved) {
        Entry& entry = by_der_[each.der];
        if (!entry.is_learnt) {
            continue;
        }
        // A contract that asks again replaces what it had; several lines of one call add up.
        const bool is_first = of_this_call.emplace(each.der, key_of(each)).second;
        store::Reservation sum = each;
        if (const auto before = entry.held.find(key_of(each)); !is_first && before != entry.held.end()) {
            sum.power += before->second.power;
        }
        put(entry, sum);
    }
}

void ReservationBook::release(const std::string& contract) {
    const auto found = ders_of_.find(contract);
    if (found == ders_of_.end()) {
        return;
    }
    for (const std::string& der : found->second) {
        std::erase_if(by_der_[der].held, [&](const auto& each) { return each.second.contract == contract; });
    }
    ders_of_.erase(found);
}

}  // namespace headroom::agents
