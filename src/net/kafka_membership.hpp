#pragma once

#include "core/clock.hpp"
#include "core/time.hpp"

#include <atomic>
#include <cstdint>

#include <librdkafka/rdkafka.h>

namespace headroom::net {

/// When a member of a group may commit without being thrown out.
///
/// A member hears of a rebalance in the answer to a heartbeat and then says JoinGroup, which the broker
/// answers when all have joined. A commit behind that JoinGroup waits with it on the same connection and
/// bears a generation that is over; for that everything held is taken away, and its next readers repeat what
/// was not committed. So a commit begins between two heartbeats: when the last one was answered and no
/// JoinGroup came of it, and well before the next. Source: Kafka protocol, group membership; librdkafka's
/// interceptors of requests.
class KafkaMembership {
  public:
    explicit KafkaMembership(milliseconds heartbeat_every) : every_(heartbeat_every) {}

    /// Lets the handle that is made of `conf` tell of its requests; before it is made, and outlives it.
    void attach(rd_kafka_conf_t* conf);
    /// Any thread.
    [[nodiscard]] bool may_commit(SteadyTime now) const;

    // What the library's threads tell, by the protocol's number of the request.
    void sent(std::int16_t api, SteadyTime now);
    void received(std::int16_t api, SteadyTime now);
    static constexpr std::int16_t join_group = 11;
    static constexpr std::int16_t heartbeat = 12;
    static constexpr std::int16_t sync_group = 14;

  private:
    const milliseconds every_;
    std::atomic<bool> is_joined_ = false;
    std::atomic<bool> is_awaited_ = false;  // the answer to a heartbeat
    std::atomic<SteadyTime> sent_{SteadyTime{}};
    std::atomic<SteadyTime> received_{SteadyTime{}};
};

}  // namespace headroom::net
