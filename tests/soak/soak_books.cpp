#include "beckn/saga.hpp"
#include "sim/provider_desk.hpp"
#include "soak/soak.hpp"
#include "store/ahead_file.hpp"
#include "store/records.hpp"

#include <map>
#include <optional>

namespace headroom::soak {

namespace {

constexpr std::size_t page = 1000;

/// Every record of a kind, with what stood in the file ahead of a store whose process was killed.
std::vector<store::Record> read_all(const std::filesystem::path& folder, const std::string& name,
                                    const std::string& kind) {
    auto records = store::open_sqlite_records(folder / (name + ".db"));
    HEADROOM_ASSERT(records.has_value());
    const auto ahead = store::AheadFile::open(folder / (name + ".ahead"), **records);
    HEADROOM_ASSERT(ahead.has_value());
    std::vector<store::Record> all;
    std::string after;
    while (true) {
        const Result<std::vector<store::Record>> some = (*records)->list(kind, after, page);
        HEADROOM_ASSERT(some.has_value());
        all.insert(all.end(), some->begin(), some->end());
        if (some->size() < page) {
            return all;
        }
        after = some->back().id;
    }
}

std::map<std::string, beckn::Saga> buyers_book(const Plan& plan) {
    std::map<std::string, beckn::Saga> book;
    for (const store::Record& record : read_all(plan.dir / "buyer", "records", "beckn_saga")) {
        Result<beckn::Saga> saga = beckn::saga_from_json(json::parse(record.json).value());
        HEADROOM_ASSERT(saga.has_value());
        book.emplace(record.id, std::move(*saga));
    }
    return book;
}

/// By transaction; the provider stands in the record's state.
std::multimap<std::string, std::pair<std::string, beckn::Order>> sellers_book(const Plan& plan) {
    std::multimap<std::string, std::pair<std::string, beckn::Order>> book;
    for (const store::Record& record : read_all(plan.dir / "seller", "orders", "sim_order")) {
        Result<sim::BookedOrder> booked = sim::booked_order_from_json(json::parse(record.json).value());
        HEADROOM_ASSERT(booked.has_value());
        book.emplace(record.corr, std::pair(record.state, std::move(booked->order)));
    }
    return book;
}

bool stands(beckn::SagaStep step) {
    return step == beckn::SagaStep::active || step == beckn::SagaStep::activated ||
           step == beckn::SagaStep::completed;
}

bool has_ended(beckn::SagaStep step) {
    return stands(step) || step == beckn::SagaStep::cancelled || step == beckn::SagaStep::failed;
}

bool stands(const beckn::Order& order) {
    return order.status == beckn::OrderStatus::active || order.status == beckn::OrderStatus::complete;
}

/// Powers that are not nothing, by item and half-hour.
std::map<std::string, std::vector<std::int64_t>> powers(const beckn::Order& order) {
    std::map<std::string, std::vector<std::int64_t>> found;
    for (const beckn::OrderLine& line : order.lines) {
        found[line.item] = line.power_w.values;
    }
    return found;
}

std::map<std::string, std::vector<std::int64_t>> powers(const flex::Contract& contract) {
    std::map<std::string, std::vector<std::int64_t>> found;
    for (const flex::PlanLine& line : contract.lines) {
        found[line.offer.id] = line.power_w.values;
    }
    return found;
}

/// The reason without what differs from order to order.
std::string kind_of(const std::string& failure) {
    std::string kind;
    for (const char letter : failure.substr(0, failure.find(':'))) {
        if (letter >= '0' && letter <= '9') {
            kind += kind.ends_with('#') ? "" : "#";
        } else {
            kind += letter;
        }
    }
    return kind.empty() ? "none given" : kind.substr(0, 60);
}

}  // namespace

std::vector<std::string> compare_books(const Plan& plan, json::Object& summary) {
    std::vector<std::string> faults;
    const std::map<std::string, beckn::Saga> bought = buyers_book(plan);
    const auto sold = sellers_book(plan);
    std::map<std::string, std::int64_t> ends;
    std::map<std::string, std::int64_t> reasons;
    const auto fault = [&faults](const std::string& transaction, const std::string& what) {
        faults.push_back(transaction + ": " + what);
    };
    for (std::int64_t i = 0; i < plan.orders; ++i) {
        const std::string transaction = wanted(plan, i).transaction.value;
        if (sold.count(transaction) > 1) {
            fault(transaction, "double order");
        }
        const auto saga = bought.find(transaction);
        if (saga == bought.end()) {
            ++ends["not begun: the provider was left alone"];
            if (sold.contains(transaction)) {
                fault(transaction, "a seller has an order that nobody asked for");
            }
            continue;
        }
        const beckn::SagaStep step = saga->second.step;
        ++ends[std::string(beckn::to_string(step))];
        if (!has_ended(step)) {
            fault(transaction,
                  "is left " + std::string(beckn::to_string(step)) + ": " + saga->second.contract.failure);
        }
        if (!stands(step)) {
            ++reasons[kind_of(saga->second.contract.failure)];
        }
        const auto order = sold.find(transaction);
        const bool is_sold = order != sold.end() && stands(order->second.second);
        if (stands(step) && !is_sold) {
            fault(transaction, "the buyer counts on an order that no seller holds");
        } else if (!stands(step) && is_sold) {
            fault(transaction, "lost obligation: " + order->second.first +
                                   " holds an order, the buyer says " + std::string(beckn::to_string(step)) +
                                   ", " + saga->second.contract.failure);
        } else if (is_sold && powers(saga->second.contract) != powers(order->second.second)) {
            fault(transaction, "the two sides hold other powers");
        } else if (is_sold && saga->second.contract.order_id != order->second.second.id) {
            fault(transaction, "the two sides name the order differently");
        }
    }
    for (const auto& [transaction, order] : sold) {
        if (!bought.contains(transaction)) {
            fault(transaction, "a seller has an order of nobody's");
        }
    }
    json::Object by_end;
    for (const auto& [end, count] : ends) {
        by_end.set(end, count);
    }
    json::Object by_reason;
    for (const auto& [reason, count] : reasons) {
        by_reason.set(reason, count);
    }
    summary.set("ends", std::move(by_end));
    summary.set("unhappy", std::move(by_reason));
    return faults;
}

}  // namespace headroom::soak
