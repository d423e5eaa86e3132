#pragma once

#include "core/settings.hpp"

#include <filesystem>
#include <string>

namespace headroom::app {

/// `headroom knowledge …`: the rulebooks of a data folder, whether a control room runs over it or not.
struct KnowledgeCommand {
    SettingsSources sources;
    std::filesystem::path data_dir;  ///< empty: data.dir of the settings
    std::filesystem::path file;      ///< of `add`
    std::string name;                ///< of `add`, `remove`; of `search`: only in this document
    std::string title;               ///< of `add`; empty: as the document calls itself
    std::string text;                ///< of `search`
    int limit = 5;
    bool is_json = false;
};

// Exit: 0 done, 1 nothing found, else as exit_code_of.
int run_knowledge_add(const KnowledgeCommand& command);
int run_knowledge_list(const KnowledgeCommand& command);
int run_knowledge_search(const KnowledgeCommand& command);
int run_knowledge_remove(const KnowledgeCommand& command);

}  // namespace headroom::app
