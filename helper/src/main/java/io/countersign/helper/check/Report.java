// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.check;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** All that was found. */
public final class Report {
    private final List<Finding> findings;

    Report(List<Finding> findings) {
        this.findings = List.copyOf(findings);
    }

    /** Whether a program that reads the files gets what it needs. */
    public boolean isGood() {
        return findings.stream().allMatch(Finding::isGood);
    }

    /** For a person. */
    public String text() {
        var lines = new ArrayList<String>();
        findings.forEach(finding -> lines.addAll(finding.lines()));
        lines.add(isGood() ? "all files are good" : "not all files are good");
        return String.join("\n", lines) + "\n";
    }

    public String json() {
        var json = new JsonObject();
        json.addProperty("good", isGood());
        var all = new JsonArray();
        findings.forEach(finding -> all.add(finding.json()));
        json.add("checked", all);
        return json + "\n";
    }
}
