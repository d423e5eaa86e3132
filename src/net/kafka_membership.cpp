#include "net/kafka_membership.hpp"

#include "core/result.hpp"

namespace headroom::net {
namespace {

constexpr const char* interceptor_name = "headroom-membership";

rd_kafka_resp_err_t on_sent(rd_kafka_t*, int, const char*, std::int32_t, std::int16_t api, std::int16_t,
                            std::int32_t, std::size_t, void* self) {
    static_cast<KafkaMembership*>(self)->sent(api, steady_now());
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t on_received(rd_kafka_t*, int, const char*, std::int32_t, std::int16_t api, std::int16_t,
                                std::int32_t, std::size_t, std::int64_t, rd_kafka_resp_err_t, void* self) {
    static_cast<KafkaMembership*>(self)->received(api, steady_now());
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t on_new(rd_kafka_t* handle, const rd_kafka_conf_t*, void* self, char*, std::size_t) {
    const rd_kafka_resp_err_t code =
        rd_kafka_interceptor_add_on_request_sent(handle, interceptor_name, &on_sent, self);
    return code != RD_KAFKA_RESP_ERR_NO_ERROR
               ? code
               : rd_kafka_interceptor_add_on_response_received(handle, interceptor_name, &on_received, self);
}

}  // namespace

void KafkaMembership::attach(rd_kafka_conf_t* conf) {
    HEADROOM_ASSERT(rd_kafka_conf_interceptor_add_on_new(conf, interceptor_name, &on_new, this) ==
                    RD_KAFKA_RESP_ERR_NO_ERROR);
}

void KafkaMembership::sent(std::int16_t api, SteadyTime now) {
    if (api == join_group) {
        is_joined_ = false;
    } else if (api == heartbeat) {
        is_awaited_ = true;
        sent_ = now;
    }
}

void KafkaMembership::received(std::int16_t api, SteadyTime now) {
    if (api == sync_group) {
        is_joined_ = true;
    } else if (api == heartbeat) {
        received_ = now;
        is_awaited_ = false;
    }
}

bool KafkaMembership::may_commit(SteadyTime now) const {
    // The library must have had time to act on the answer, and must have time to send the commit.
    const bool is_between = now - received_.load() >= every_ / 4 && now - sent_.load() <= every_ * 6 / 10;
    return is_joined_ && !is_awaited_ && received_.load() != SteadyTime{} && is_between;
}

}  // namespace headroom::net
