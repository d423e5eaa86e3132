#pragma once

#include "core/settings_services.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace headroom {

// Settings of the brokers that readings come from (docs/formats/brokers.md).

struct MqttReadingsSettings {
    std::string url;
    std::vector<std::string> topics;
    std::string share_group;
    std::string client_id = "headroom-readings";
    std::string user;
    std::string password;
    std::string password_file;
    std::string ca_file;
    std::string cert_file;
    std::string key_file;
    std::int64_t qos = 1;
    std::int64_t session_expiry_s = 3'600;
    std::int64_t receive_maximum = 1'000;
    std::int64_t max_payload_bytes = 1'048'576;
    bool on_change = false;
    std::string source = "mqtt";
};

struct KafkaSettings {
    std::string brokers;
    std::vector<std::string> topics;
    std::string group = "headroom";
    std::string member;
    bool key_is_feeder = false;
    bool from_newest = false;
    bool cooperative = true;
    bool on_change = false;
    std::string user;
    std::string password;
    std::string password_file;
    std::string sasl_mechanism = "SCRAM-SHA-512";
    bool tls = false;
    std::string ca_file;
    std::string cert_file;
    std::string key_file;
    std::vector<std::string> options;
    std::string source = "kafka";
};

struct SnapshotsSettings {
    std::int64_t every_s = 60;
};

namespace settings_detail {

constexpr FieldOptions text(int maximum) {
    return {.maximum = static_cast<double>(maximum), .required = false};
}
constexpr FieldOptions used_secret() {
    return {.maximum = static_cast<double>(secret_length_max), .required = false, .secret = true};
}

}  // namespace settings_detail

template <>
struct Fields<MqttReadingsSettings> {
    using T = MqttReadingsSettings;
    static constexpr std::string_view name = "MqttReadingsSettings";
    static constexpr auto table = field_table(
        field("url", &T::url, "Broker of readings, as mqtt://host:port; empty for none.",
              {.maximum = 2'048, .required = false, .example = "\"mqtt://127.0.0.1:1883\""}),
        field("topics", &T::topics,
              "What is read: topics in which {feeder} and {phase} stand for a level each, with + and #.",
              {.maximum = 64, .required = false, .example = "[\"readings/{feeder}/{phase}\"]"}),
        field("share_group", &T::share_group,
              "Members of one group share the messages out; empty: every message is ours.",
              settings_detail::text(64)),
        field("client_id", &T::client_id, "Under which the broker keeps what comes while we are away.",
              {.minimum = 1, .maximum = 64, .required = false}),
        field("user", &T::user, "Name at the broker.", settings_detail::text(256)),
        field("password", &T::password, "Password at the broker.", settings_detail::used_secret()),
        field("password_file", &T::password_file, "File that holds password, instead of the password itself.",
              settings_detail::secret_file()),
        field("ca_file", &T::ca_file, "Certificates (PEM) that the broker's is checked against; set: TLS.",
              settings_detail::text(4'096)),
        field("cert_file", &T::cert_file, "Our own certificate (PEM), where the broker asks for one.",
              settings_detail::text(4'096)),
        field("key_file", &T::key_file, "Its key (PEM).", settings_detail::text(4'096)),
        field("qos", &T::qos, "1: the broker keeps what waits for us. 0: it drops what we are too slow for.",
              {.minimum = 0, .maximum = 1, .required = false}),
        field("session_expiry_s", &T::session_expiry_s,
              "How long the broker keeps messages while we are away.",
              {.unit = "s", .minimum = 0, .maximum = 604'800, .required = false}),
        field("receive_maximum", &T::receive_maximum, "QoS 1 messages that may be on their way at one time.",
              {.minimum = 1, .maximum = 65'535, .required = false}),
        field("max_payload_bytes", &T::max_payload_bytes, "Larger messages are counted and passed over.",
              {.unit = "B", .minimum = 128, .maximum = 67'108'864, .required = false}),
        field("on_change", &T::on_change,
              "Values are sent when they have moved: equal ones are no stuck meter, silence is no gap.",
              {.required = false}),
        field("source", &T::source, "Name of the source of readings that name none.",
              {.minimum = 1, .maximum = 64, .required = false}));
};
template <>
struct Fields<KafkaSettings> {
    using T = KafkaSettings;
    static constexpr std::string_view name = "KafkaSettings";
    static constexpr auto table = field_table(
        field("brokers", &T::brokers, "Brokers to begin with, host:port with commas; empty for none.",
              {.maximum = 4'096, .required = false, .example = "\"kafka-1:9092,kafka-2:9092\""}),
        field("topics", &T::topics, "Topics of readings; one that begins with ^ is a regular expression.",
              {.maximum = 64, .required = false, .example = "[\"readings\"]"}),
        field("group", &T::group, "Consumer group; its members share the partitions out.",
              {.minimum = 1, .maximum = 255, .required = false}),
        field("member", &T::member, "Lasting name of this member: it keeps its partitions over a restart.",
              settings_detail::text(255)),
        field("key_is_feeder", &T::key_is_feeder, "A message's key is the feeder of readings that name none.",
              {.required = false}),
        field("from_newest", &T::from_newest,
              "A group that has never committed begins at the end, not the start.", {.required = false}),
        field("cooperative", &T::cooperative, "Rebalances move only what must move; all members alike.",
              {.required = false}),
        field("on_change", &T::on_change,
              "Values are sent when they have moved: equal ones are no stuck meter, silence is no gap.",
              {.required = false}),
        field("user", &T::user, "Name for SASL; empty for none.", settings_detail::text(512)),
        field("password", &T::password, "Password for SASL.", settings_detail::used_secret()),
        field("password_file", &T::password_file, "File that holds password, instead of the password itself.",
              settings_detail::secret_file()),
        field("sasl_mechanism", &T::sasl_mechanism,
              "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or GSSAPI.", settings_detail::text(32)),
        field("tls", &T::tls, "TLS against the system's certificates; ca_file implies it.",
              {.required = false}),
        field("ca_file", &T::ca_file, "Certificates (PEM) that the brokers' are checked against.",
              settings_detail::text(4'096)),
        field("cert_file", &T::cert_file, "Our own certificate (PEM).", settings_detail::text(4'096)),
        field("key_file", &T::key_file, "Its key (PEM).", settings_detail::text(4'096)),
        field("options", &T::options, "Options of librdkafka, each as name=value.",
              {.maximum = 100, .required = false, .example = "[\"fetch.min.bytes=65536\"]"}),
        field("source", &T::source, "Name of the source of readings that name none.",
              {.minimum = 1, .maximum = 64, .required = false}));
};
template <>
struct Fields<SnapshotsSettings> {
    static constexpr std::string_view name = "SnapshotsSettings";
    static constexpr auto table = field_table(field(
        "every_s", &SnapshotsSettings::every_s,
        "Time between snapshots of the monitor's state; after a crash Kafka is read again from the last.",
        {.unit = "s", .minimum = 1, .maximum = 86'400, .required = false}));
};

}  // namespace headroom
