#include "desk/live_log.hpp"

#include "core/json.hpp"
#include "core/json_object.hpp"
#include "desk/describe_entry.hpp"

#include <algorithm>
#include <utility>

namespace headroom::desk {
namespace {

constexpr std::size_t recent_max = 10'000;
constexpr std::size_t recent_bytes_max = 16UL << 20U;
/// The log's own entries (a tick a minute) are not announced: readers look for them so often.
constexpr milliseconds look_every{1000};

json::Value text_or_null(std::string text) {
    return text.empty() ? json::Value() : json::Value(std::move(text));
}

LiveEntry live_entry(const audit::Entry& entry) {
    return {.seq = entry.seq, .json = std::make_shared<const std::string>(live_json(entry))};
}

}  // namespace

std::string live_json(const audit::Entry& entry) {
    const auto text = [&entry](std::string_view member, std::string_view pointer) {
        const json::Value* found = entry.body.find(member);
        return found == nullptr ? std::string() : found->text(pointer);
    };
    const auto first_of = [](std::initializer_list<std::string> texts) {
        const auto* const found =
            std::find_if(texts.begin(), texts.end(), [](const auto& t) { return !t.empty(); });
        return found == texts.end() ? std::string() : *found;
    };
    const std::string feeder = first_of({text("event_after", "/overload/feeder"), text("overload", "/feeder"),
                                         text("feeder", ""), text("element", "")});
    const std::string state = first_of({text("event_after", "/state"), text("state", "")});
    return json::write(json::object({{"seq", entry.seq},
                                     {"at", format_utc(entry.ts)},
                                     {"type", entry.type},
                                     {"data", json::object({{"event_id", text_or_null(entry.corr)},
                                                            {"feeder_id", text_or_null(feeder)},
                                                            {"state", text_or_null(state)},
                                                            {"outcome", entry.outcome},
                                                            {"text", describe(entry)}})}}));
}

LiveLog::LiveLog(agents::Journal& journal, Worker& worker) : journal_(journal), worker_(worker) {
    journal_.on_entry([this](const audit::Entry& entry) { on_entry(entry); });
}

void LiveLog::on_entry(const audit::Entry& entry) {
    if (waiters_.empty()) {
        recent_.clear();  // nobody reads along: who comes later is given these from the log
        recent_bytes_ = 0;
        return;
    }
    if (!recent_.empty() && entry.seq <= recent_.back().seq) {
        return;  // heard of already
    }
    if (!recent_.empty() && entry.seq != recent_.back().seq + 1) {
        recent_.clear();  // the log wrote something by itself between: readers fetch that from the log
        recent_bytes_ = 0;
    }
    recent_.push_back(live_entry(entry));
    recent_bytes_ += recent_.back().json->size();
    while (recent_.size() > recent_max || recent_bytes_ > recent_bytes_max) {
        recent_bytes_ -= recent_.front().json->size();
        recent_.pop_front();
    }
    for (Waiter* waiter : waiters_) {
        waiter->wake();
    }
}

std::uint64_t LiveLog::end() const {
    return journal_.log().durable_size();
}

Awaitable<Result<std::vector<LiveEntry>>> LiveLog::read(std::uint64_t next) {
    std::vector<LiveEntry> out;
    if (!recent_.empty() && next >= recent_.front().seq && next <= recent_.back().seq) {
        const auto first = recent_.begin() + static_cast<std::ptrdiff_t>(next - recent_.front().seq);
        const auto count = std::min<std::ptrdiff_t>(recent_.end() - first, batch_max);
        out.assign(first, first + count);
        co_return out;
    }
    if (next >= end()) {
        co_return out;
    }
    auto job = [this, next,
                last = std::min<std::uint64_t>(end(), next + batch_max)]() -> Result<std::vector<LiveEntry>> {
        std::vector<LiveEntry> entries;
        for (std::uint64_t seq = next; seq < last; ++seq) {
            const Result<audit::Entry> entry = journal_.log().read(seq);
            if (!entry) {
                return entry.error();
            }
            entries.push_back(live_entry(*entry));
        }
        return entries;
    };
    co_return co_await worker_.run(std::move(job));
}

LiveLog::Waiter::Waiter(LiveLog& log, const asio::any_io_executor& executor) : log_(log), timer_(executor) {
    place_ = log_.waiters_.insert(log_.waiters_.end(), this);
}

LiveLog::Waiter::~Waiter() {
    log_.waiters_.erase(place_);
}

void LiveLog::Waiter::wake() {
    is_woken_ = true;
    timer_.cancel();
}

Awaitable<void> LiveLog::Waiter::wait(std::uint64_t next, milliseconds longest) {
    const SteadyTime until = steady_now() + longest;
    while (!std::exchange(is_woken_, false) && log_.end() <= next && steady_now() < until) {
        timer_.expires_after(std::min<std::chrono::steady_clock::duration>(look_every, until - steady_now()));
        auto token = asio::as_tuple(asio::use_awaitable);
        co_await timer_.async_wait(token);
    }
}

}  // namespace headroom::desk
