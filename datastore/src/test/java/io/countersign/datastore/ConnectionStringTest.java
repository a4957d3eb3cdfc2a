// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.ssl.DefaultJavaSSLFactory;

class ConnectionStringTest {
    private static PGSimpleDataSource source(String text) throws IOException {
        return source(text, Map.of());
    }

    private static PGSimpleDataSource source(String text, Map<String, String> environment) throws IOException {
        return ConnectionString.parse(text, environment).source();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "host=db port=5433 user=spire password='p w\\'\\\\' dbname=store sslmode=verify-full sslrootcert=/ca.pem",
                "  dbname = store host=db port=5433\tuser=spire\npassword=p\\ w\\'\\\\ sslmode=verify-full sslrootcert='/ca.pem'",
                "postgres://spire:p%20w%27%5C@db:5433/store?sslmode=verify-full&sslrootcert=/ca.pem",
                "postgresql://spire@db/store?password=p%20w'%5C&port=5433&sslmode=verify-full&sslrootcert=%2Fca.pem",
            })
    void theFormsSayTheSame(String text) throws IOException {
        var source = source(text);

        assertArrayEquals(new String[] {"db"}, source.getServerNames());
        assertArrayEquals(new int[] {5433}, source.getPortNumbers());
        assertEquals("spire", source.getUser());
        assertEquals("p w'\\", source.getPassword());
        assertEquals("store", source.getDatabaseName());
        assertEquals("verify-full", source.getSslMode());
        assertEquals("/ca.pem", source.getSslRootCert());
    }

    @Test
    void whatIsLeftOutIsAsWithTheOriginal() throws IOException {
        var source = source("user=spire");

        assertArrayEquals(new String[] {"localhost"}, source.getServerNames());
        assertArrayEquals(new int[] {5432}, source.getPortNumbers());
        assertEquals("spire", source.getDatabaseName());
        assertEquals("require", source.getSslMode());
        assertEquals(System.getProperty("user.name"), source("dbname=x").getUser());
    }

    @Test
    void theEnvironmentSaysWhatTheTextLeavesOut() throws IOException {
        var environment = Map.ofEntries(
                Map.entry("PGHOST", "db"),
                Map.entry("PGPORT", "5433"),
                Map.entry("PGDATABASE", "store"),
                Map.entry("PGUSER", "spire"),
                Map.entry("PGPASSWORD", "s3cret"),
                Map.entry("PGAPPNAME", "mine"),
                Map.entry("PGCONNECT_TIMEOUT", "7"),
                Map.entry("PGSSLMODE", "verify-full"),
                Map.entry("PGSSLROOTCERT", "/ca.pem"),
                Map.entry("PGSSLCERT", "/own.pem"),
                Map.entry("PGCLIENTENCODING", "UTF8"),
                Map.entry("USER", "other"));
        var source = source("", environment);

        assertArrayEquals(new String[] {"db"}, source.getServerNames());
        assertArrayEquals(new int[] {5433}, source.getPortNumbers());
        assertEquals("store", source.getDatabaseName());
        assertEquals("spire", source.getUser());
        assertEquals("s3cret", source.getPassword());
        assertEquals("mine", source.getApplicationName());
        assertEquals(7, source.getConnectTimeout());
        assertEquals("verify-full", source.getSslMode());
        assertEquals("/ca.pem", source.getSslRootCert());
        assertEquals("/own.pem", source.getSslCert());

        var written = source("postgres://u@host:1/d?sslmode=disable", environment);
        assertArrayEquals(new String[] {"host"}, written.getServerNames());
        assertArrayEquals(new int[] {1}, written.getPortNumbers());
        assertEquals("d", written.getDatabaseName());
        assertEquals("u", written.getUser());
        assertEquals("disable", written.getSslMode());
    }

    @Test
    void whoseProgramItIsComesFromTheEnvironmentFirst() throws IOException {
        assertEquals("mary", source("dbname=x", Map.of("USER", "mary")).getUser());
        assertEquals("mary", source("host=x", Map.of("USER", "mary")).getDatabaseName());
        assertEquals(
                System.getProperty("user.name"),
                source("dbname=x", Map.of("USER", "", "PGUSER", "")).getUser());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            PGSSLCRL        | /crl.pem | the environment variable PGSSLCRL is set, which is not supported; unset it
            PGREQUIREAUTH   | md5      | the environment variable PGREQUIREAUTH is set, which is not supported
            PGSERVICE       | mine     | the environment variable PGSERVICE is set, which is not supported
            PGDATESTYLE     | German   | the environment variable PGDATESTYLE is set, which is not supported
            PGSSLMODE       | maybe    | the environment variable PGSSLMODE "maybe" was found, expected one of [allow,
            PGSSLMODE       | ''       | the environment variable PGSSLMODE "" was found, expected one of [allow,
            PGPORT          | none     | the environment variable PGPORT "none" was found, expected a number
            PGHOST          | /run/pg  | the environment variable PGHOST "/run/pg" is a folder of Unix sockets
            """)
    void variablesThatCannotBeFollowedAreRefused(String name, String value, String words) {
        var failure = assertThrows(
                IllegalArgumentException.class,
                () -> ConnectionString.parse("host=db sslmode=disable port=1", Map.of(name, value)));

        assertTrue(String.valueOf(failure.getMessage()).contains(words), failure::getMessage);
    }

    @Test
    void severalHostsAreTriedInOrder() throws IOException {
        var one = source("host=a,b port=1 user=u");
        assertArrayEquals(new String[] {"a", "b"}, one.getServerNames());
        assertArrayEquals(new int[] {1, 1}, one.getPortNumbers());

        var two = source("postgres://u@a:1,b:2/d");
        assertEquals(List.of("a", "b"), List.of(Objects.requireNonNull(two.getServerNames())));
        assertArrayEquals(new int[] {1, 2}, two.getPortNumbers());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            host=db passfile=/x       | "passfile" is not supported
            host=/run/postgresql      | is a folder of Unix sockets
            sslmode=maybe             | sslmode "maybe" was found, expected one of [allow,
            port=none                 | port "none" was found
            port=70000                | port "70000" was found
            host=a,b,c port=1,2       | 2 ports for 3 hosts
            connect_timeout=soon      | connect_timeout "soon" was found
            sslmode=verify-ca sslcert=/c.pem | sslcert with sslmode verify-ca was found without sslrootcert
            nonsense                  | a word without "="
            password='x               | a quoted value without an end
            postgres://u:p@[db/x      | no URL of a database
            """)
    void whatIsNotUnderstoodIsRefused(String text, String words) {
        var failure = assertThrows(IllegalArgumentException.class, () -> ConnectionString.parse(text, Map.of()));

        assertTrue(String.valueOf(failure.getMessage()).contains(words), failure::getMessage);
    }

    @Test
    void withoutAuthoritiesOfItsOwnItTrustsThoseOfTheSystem() throws IOException {
        assertEquals(
                DefaultJavaSSLFactory.class.getName(),
                source("sslmode=verify-full").getSslfactory());
        assertNotEquals(
                DefaultJavaSSLFactory.class.getName(),
                source("sslmode=verify-full sslrootcert=/ca.pem").getSslfactory());
        assertNotEquals(
                DefaultJavaSSLFactory.class.getName(), source("sslmode=require").getSslfactory());
    }

    @Test
    void itsTextHoldsNoPassword() {
        var text = ConnectionString.parse("host=db user=spire password=s3cret dbname=store sslpassword=s3cret")
                .toString();

        assertFalse(text.contains("s3cret"), text);
        assertEquals("postgres://spire@db:5432/store", text);
    }
}
