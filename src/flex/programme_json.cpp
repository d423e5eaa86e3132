#include "core/json_object.hpp"
#include "core/object_items.hpp"
#include "core/object_reader.hpp"
#include "flex/programme.hpp"

#include <utility>

namespace headroom::flex {
namespace {

constexpr std::size_t programmes_max = 10'000;
constexpr std::size_t enrolments_max = 1'000'000;
constexpr std::int64_t enrolled_power_max_w = offer_power_max.value;

template <class T, class Parse>
std::vector<T> read_words(json::ObjectReader& read, std::string_view key, std::size_t count_max,
                          Parse parse) {
    std::vector<T> out;
    for (const std::string& word : read.texts(key, count_max, 64)) {
        const std::optional<T> value = parse(word);
        if (!value) {
            read.keep({Errc::invalid, "'" + word + "' is not one of the words known here",
                       read.path(key, out.size())});
            return {};
        }
        out.push_back(*value);
    }
    return out;
}

template <class T>
json::Array texts_of(const std::vector<T>& values) {
    json::Array out;
    for (const T& value : values) {
        out.emplace_back(to_string(value));
    }
    return out;
}

Result<QualificationTest> test_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    QualificationTest test;
    test.at = read.time("at");
    test.asked = Watts{read.integer("asked_w", 1, enrolled_power_max_w)};
    test.delivered = Watts{read.integer("delivered_w", -enrolled_power_max_w, enrolled_power_max_w)};
    test.evidence = read.text("evidence");
    read.refuse_unknown();
    return read.ok() ? Result<QualificationTest>(std::move(test)) : read.error();
}

Result<Suspension> suspension_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    Suspension suspension;
    suspension.from = read.time("from");
    if (read.has("until")) {
        suspension.until = read.time("until");
    }
    suspension.reason = read.text("reason", 1000, 1);
    read.refuse_unknown();
    return read.ok() ? Result<Suspension>(std::move(suspension)) : read.error();
}

}  // namespace

json::Value to_json(const Programme& programme) {
    return json::object({{"id", programme.id},
                         {"name", programme.name},
                         {"terms", programme.terms},
                         {"products", texts_of(programme.products)},
                         {"classes", texts_of(programme.classes)},
                         {"from", format_utc(programme.from)},
                         {"until", format_utc(programme.until)},
                         {"day_from_min", programme.day_from_min},
                         {"day_until_min", programme.day_until_min},
                         {"working_days_only", programme.working_days_only},
                         {"qualify_ppm", programme.qualify_ppm},
                         {"qualified_for_ms", programme.qualified_for.count()}});
}

Result<Programme> programme_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    Programme programme;
    programme.id = read.text("id", 64, 1);
    programme.name = read.text("name", 256, 1);
    programme.terms = read.text("terms", 1000);
    programme.products = read_words<ContractKind>(read, "products", 3, parse_contract_kind);
    programme.classes = read_words<grid::DerClass>(read, "classes", 7, grid::parse_der_class);
    programme.from = read.time("from");
    programme.until = read.time("until");
    programme.day_from_min = read.integer("day_from_min");
    programme.day_until_min = read.integer("day_until_min");
    programme.working_days_only = read.boolean("working_days_only");
    programme.qualify_ppm = read.integer("qualify_ppm");
    programme.qualified_for = milliseconds{read.integer("qualified_for_ms")};
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    if (const Result<void> fits = check(programme); !fits) {
        return fits.error();
    }
    return programme;
}

json::Value to_json(const Enrolment& enrolment) {
    json::Object out{{"programme", enrolment.programme},
                     {"der", enrolment.der},
                     {"provider", enrolment.provider},
                     {"power_w", enrolment.power.value},
                     {"consent_by", enrolment.consent_by},
                     {"consent_from", format_utc(enrolment.consent_from)},
                     {"consent_until", format_utc(enrolment.consent_until)}};
    if (const auto& test = enrolment.test) {
        out.set("test", json::object({{"at", format_utc(test->at)},
                                      {"asked_w", test->asked.value},
                                      {"delivered_w", test->delivered.value},
                                      {"evidence", test->evidence}}));
    }
    if (const auto& suspension = enrolment.suspension) {
        json::Object inner{{"from", format_utc(suspension->from)}, {"reason", suspension->reason}};
        if (suspension->until) {
            inner.set("until", format_utc(*suspension->until));
        }
        out.set("suspension", std::move(inner));
    }
    if (enrolment.withdrawn) {
        out.set("withdrawn", format_utc(*enrolment.withdrawn));
    }
    return out;
}

Result<Enrolment> enrolment_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    Enrolment enrolment;
    enrolment.programme = read.text("programme", 64, 1);
    enrolment.der = read.text("der", 64, 1);
    enrolment.provider = read.text("provider", 256, 1);
    enrolment.power = Watts{read.integer("power_w", 1, enrolled_power_max_w)};
    enrolment.consent_by = read.text("consent_by", 256, 1);
    enrolment.consent_from = read.time("consent_from");
    enrolment.consent_until = read.time("consent_until");
    if (read.has("test")) {
        enrolment.test = read.take("test", test_from_json(read.value("test")));
    }
    if (read.has("suspension")) {
        enrolment.suspension = read.take("suspension", suspension_from_json(read.value("suspension")));
    }
    if (read.has("withdrawn")) {
        enrolment.withdrawn = read.time("withdrawn");
    }
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    if (const Result<void> fits = check(enrolment); !fits) {
        return fits.error();
    }
    return enrolment;
}

json::Value to_json(const ProgrammeBook& book) {
    json::Array programmes;
    for (const Programme& programme : book.programmes) {
        programmes.push_back(to_json(programme));
    }
    json::Array enrolments;
    for (const Enrolment& enrolment : book.enrolments) {
        enrolments.push_back(to_json(enrolment));
    }
    return json::object({{"programmes", std::move(programmes)}, {"enrolments", std::move(enrolments)}});
}

Result<ProgrammeBook> programme_book_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    ProgrammeBook book;
    book.programmes = json::read_items<Programme>(read, "programmes", programmes_max, programme_from_json);
    book.enrolments = json::read_items<Enrolment>(read, "enrolments", enrolments_max, enrolment_from_json);
    read.refuse_unknown();
    return read.ok() ? Result<ProgrammeBook>(std::move(book)) : read.error();
}

}  // namespace headroom::flex
