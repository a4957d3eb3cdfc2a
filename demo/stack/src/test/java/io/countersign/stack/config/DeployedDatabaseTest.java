// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In a cluster the database checks identities by the same statements as on one machine. */
class DeployedDatabaseTest {
    private static final Path DEPLOYED = Path.of("../../deploy/apps/postgres");
    private static final Map<String, String> VALUES = Map.of(
            "ROLE", "demouser",
            "DATABASE", "demo",
            "OWNER", "postgres",
            "SPIFFE_ID", "spiffe://example.org/ns/demo/sa/backend",
            "LISTEN_HOST", "*",
            "PORT", "5432",
            "SOCKET_DIRECTORY", "/run/postgresql",
            "PID_FILE", "/run/postgresql/postgres.pid",
            "CERTIFICATE_DIRECTORY", "/spiffe-certs");

    @ParameterizedTest
    @ValueSource(strings = {"database.sql", "identity.sql", "orders.sql", "pg_hba.conf", "pg_ident.conf"})
    void whatIsDeployedIsTheFilledTemplate(String name) throws IOException {
        assertEquals(Template.fill("sql/" + name, VALUES), Files.readString(DEPLOYED.resolve(name)));
    }

    @Test
    void theSettingsOnlySayBesidesWhereTheOthersAre() throws IOException {
        var deployed = Files.readString(DEPLOYED.resolve("postgresql.conf"));
        var filled = Template.fill("sql/postgresql.conf", VALUES);

        assertTrue(deployed.endsWith(filled), deployed);
        assertEquals(
                "hba_file = '/etc/postgresql/pg_hba.conf'\nident_file = '/etc/postgresql/pg_ident.conf'\n",
                deployed.substring(0, deployed.length() - filled.length()));
    }
}
