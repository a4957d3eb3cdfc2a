// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.check;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What was found about files that belong together.
 *
 * @param name of the identity or of the file, for people
 * @param id the SPIFFE ID in them
 * @param serial of the certificate, in hexadecimal
 * @param until when they end
 * @param problems what is wrong with them as a whole, in words
 */
record Finding(
        String name,
        Optional<String> id,
        Optional<String> serial,
        Optional<Instant> until,
        List<FileFinding> files,
        List<String> problems) {
    Finding {
        files = List.copyOf(files);
        problems = List.copyOf(problems);
    }

    boolean isGood() {
        return problems.isEmpty()
                && files.stream().allMatch(file -> file.problems().isEmpty());
    }

    List<String> lines() {
        var lines = new ArrayList<String>();
        lines.add(name);
        id.ifPresent(found -> lines.add("       SPIFFE ID      " + found));
        serial.ifPresent(found -> lines.add("       serial number  " + found));
        until.ifPresent(found -> lines.add("       good until     " + found));
        files.forEach(file -> lines.add(file.text()));
        problems.forEach(problem -> lines.add("  BAD  " + problem));
        return lines;
    }

    JsonObject json() {
        var json = new JsonObject();
        json.addProperty("name", name);
        json.addProperty("good", isGood());
        id.ifPresent(found -> json.addProperty("spiffe_id", found));
        serial.ifPresent(found -> json.addProperty("serial", found));
        until.ifPresent(found -> json.addProperty("expires_at", found.toString()));
        var all = new JsonArray();
        files.forEach(file -> all.add(file.json()));
        json.add("files", all);
        json.add("problems", FileFinding.array(problems));
        return json;
    }
}
