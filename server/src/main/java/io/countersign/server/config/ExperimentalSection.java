// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import io.countersign.launch.config.ConfigBlock;
import java.util.List;

/** The block {@code experimental}: of the original's experiments those are taken that nothing here depends on. */
final class ExperimentalSection {
    private static final String AT_ONCE = "has no effect: this server hears of changes at once and reads only those";
    private static final String CHANGES = "events_based_cache";
    private static final List<String> INTERVALS =
            List.of("cache_reload_interval", "full_cache_reload_interval", "prune_events_older_than", "event_timeout");

    private static final String NOT_HERE = "is an experiment of the original that is not supported here; remove it";
    private static final String NO_WIT = "is of WIT-SVIDs, which are not supported; remove it";

    private ExperimentalSection() {}

    static void read(ConfigBlock server, Notices notices) {
        server.block("experimental").ifPresent(block -> {
            take(block, notices);
            refuse(block);
        });
    }

    private static void take(ConfigBlock block, Notices notices) {
        for (var key : INTERVALS) {
            if (block.duration(key).isPresent()) {
                notices.add(block, key, AT_ONCE);
            }
        }
        if (block.bool(CHANGES, false)) {
            notices.add(block, CHANGES, AT_ONCE);
        }
    }

    private static void refuse(ConfigBlock block) {
        block.refuse(
                "auth_opa_policy_engine", "is not supported here; remove it and write roles { … } beside server { … }");
        block.refuse("named_pipe_name", "is for Windows; use socket_path");
        block.refuse("sql_transaction_timeout", "is an old name of event_timeout, which has no effect here; remove it");
        for (var key : List.of("wit_issuer", "wit_key_type")) {
            block.refuse(key, NO_WIT);
        }
        for (var key : List.of("agent_spiffe_id_as_selector", "feature_flags", "require_pq_kem")) {
            block.refuse(key, NOT_HERE);
        }
    }
}
