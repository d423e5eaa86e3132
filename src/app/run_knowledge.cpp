#include "app/run_knowledge.hpp"

#include "app/complaint.hpp"
#include "core/clock.hpp"
#include "core/reflect_json.hpp"
#include "desk/knowledge.hpp"
#include "knowledge/library.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iostream>
#include <memory>
#include <utility>

namespace headroom::app {
namespace {

constexpr int exit_no_passage = 1;

Result<std::unique_ptr<knowledge::Library>> open_library(const KnowledgeCommand& command) {
    std::filesystem::path dir = command.data_dir;
    if (dir.empty()) {
        const Result<LoadedSettings> loaded = load_settings(command.sources);
        if (!loaded) {
            return loaded.error();
        }
        dir = loaded->settings.data.dir;
    }
    std::error_code fault;
    std::filesystem::create_directories(dir, fault);
    if (fault) {
        return Error{Errc::unavailable, "cannot make the folder " + dir.string() + ": " + fault.message() +
                                            ". Remedy: name another with --data-dir"};
    }
    return knowledge::Library::open(dir / "knowledge.db");
}

std::string place_of(const knowledge::Passage& passage) {
    return passage.page > 0 ? fmt::format("page {}, line {}", passage.page, passage.line)
                            : fmt::format("line {}", passage.line);
}

void print_item(const knowledge::Document& document) {
    std::cout << fmt::format("{}  {}\n    {}, {}{} passages, SHA-256 {}\n", document.name, document.title,
                             knowledge::to_string(document.format),
                             document.pages > 0 ? fmt::format("{} pages, ", document.pages) : std::string(),
                             document.passages, document.sha256.substr(0, 16));
}

void print_item(const knowledge::Hit& hit) {
    std::cout << fmt::format("{}, {}{}\n    {}\n", hit.passage.document, place_of(hit.passage),
                             hit.passage.section.empty() ? "" : ": " + hit.passage.section, hit.quote);
}

template <class T, class ToAnswer>
void show_items(const KnowledgeCommand& command, std::string_view name, const std::vector<T>& items,
                ToAnswer to_answer) {
    if (!command.is_json) {
        for (const T& item : items) {
            print_item(item);
        }
        return;
    }
    json::Array list;
    for (const T& item : items) {
        list.push_back(to_json(to_answer(item)));
    }
    std::cout << json::write(json::Object{{std::string(name), std::move(list)}}) << "\n";
}

}  // namespace

int run_knowledge_add(const KnowledgeCommand& command) {
    Result<std::pair<knowledge::Document, knowledge::DocumentText>> read =
        knowledge::read_document(command.file);
    if (!read) {
        return complain("knowledge", read.error());
    }
    auto& [about, text] = *read;
    about.name = command.name.empty() ? about.name : command.name;
    about.title = command.title.empty() ? about.title : command.title;
    about.added = make_system_wall_clock()->now();
    const Result<std::unique_ptr<knowledge::Library>> library = open_library(command);
    if (!library) {
        return complain("knowledge", library.error());
    }
    const Result<knowledge::Document> added = (*library)->add(about, text);
    if (!added) {
        return complain("knowledge", added.error());
    }
    show_items(command, "documents", std::vector{*added}, desk::document_answer);
    return 0;
}

int run_knowledge_list(const KnowledgeCommand& command) {
    const Result<std::unique_ptr<knowledge::Library>> library = open_library(command);
    if (!library) {
        return complain("knowledge", library.error());
    }
    const Result<std::vector<knowledge::Document>> all = (*library)->documents();
    if (!all) {
        return complain("knowledge", all.error());
    }
    show_items(command, "documents", *all, desk::document_answer);
    if (all->empty() && !command.is_json) {
        std::cout << "no documents: headroom knowledge add FILE takes one in\n";
    }
    return 0;
}

int run_knowledge_search(const KnowledgeCommand& command) {
    const Result<std::unique_ptr<knowledge::Library>> library = open_library(command);
    if (!library) {
        return complain("knowledge", library.error());
    }
    const Result<std::vector<knowledge::Hit>> hits = (*library)->search(
        {.text = command.text, .document = command.name, .limit = static_cast<std::size_t>(command.limit)});
    if (!hits) {
        return complain("knowledge", hits.error());
    }
    show_items(command, "passages", *hits, desk::hit_answer);
    if (hits->empty() && !command.is_json) {
        std::cout << "no passage of the indexed documents answers that\n";
    }
    return hits->empty() ? exit_no_passage : 0;
}

int run_knowledge_remove(const KnowledgeCommand& command) {
    const Result<std::unique_ptr<knowledge::Library>> library = open_library(command);
    if (!library) {
        return complain("knowledge", library.error());
    }
    const Result<void> removed = (*library)->remove(command.name);
    if (!removed) {
        return complain("knowledge", removed.error());
    }
    if (command.is_json) {
        std::cout << json::write(json::Object{{"removed", command.name}}) << "\n";
    } else {
        std::cout << command.name << " is no longer cited\n";
    }
    return 0;
}

}  // namespace headroom::app
