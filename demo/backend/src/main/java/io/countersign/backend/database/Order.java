// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend.database;

import com.fasterxml.jackson.annotation.JsonProperty;

/** @param createdAt RFC 3339; the database keeps no zone, UTC is meant */
public record Order(
        int id,
        String description,
        String status,
        @JsonProperty("created_at") String createdAt) {}
