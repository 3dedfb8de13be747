# Bulkhead.cmake - how a folder says what it builds: bh_lib, bh_daemon, bh_test.

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

if(NOT CMAKE_BUILD_TYPE)
	set(CMAKE_BUILD_TYPE Release)
endif()

option(BH_SANITIZE "AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(BH_TESTS "build the unit, hostile and takeover tests" OFF)
option(BH_FUZZ "libFuzzer targets (Clang)" OFF)

include(CheckCCompilerFlag)
include(CheckPIESupported)
include(CheckIPOSupported)
check_pie_supported(LANGUAGES C)
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# Warnings are errors in both compilers.
add_compile_options(-Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes
	-Wmissing-prototypes -Wold-style-definition -Wpointer-arith -Wundef -Wvla -Werror
	-fno-strict-aliasing -fno-common -fstack-protector-strong)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
	add_compile_options(-Wlogical-op -Wduplicated-cond)
endif()
add_compile_definitions(_GNU_SOURCE)
include_directories(${CMAKE_SOURCE_DIR})

if(BH_SANITIZE)
	add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined
		-fno-omit-frame-pointer)
	add_link_options(-fsanitize=address,undefined)
	add_compile_definitions(BH_SANITIZE=1)
else()
	check_c_compiler_flag(-fcf-protection=full BH_HAVE_CET)
	if(BH_HAVE_CET)
		add_compile_options(-fcf-protection=full)
	endif()
	add_compile_options($<$<CONFIG:Release>:-U_FORTIFY_SOURCE>
		$<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>)
	add_compile_options($<$<CONFIG:Release>:-UNDEBUG>)
	add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endif()
if(BH_FUZZ)
	add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT BH_SANITIZE)
	check_ipo_supported(RESULT BH_HAVE_LTO OUTPUT bh_lto_why LANGUAGES C)
	set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ${BH_HAVE_LTO})
	# Tests link the same objects without LTO: what takes a second for a daemon would be
	# paid again by each of them.
	if(BH_TESTS AND BH_HAVE_LTO AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
		add_compile_options(-ffat-lto-objects)
		set(BH_TEST_LINK -fno-lto)
	endif()
endif()

# bh_lib(NAME FILE... LINK LIB...)
function(bh_lib name)
	cmake_parse_arguments(PARSE_ARGV 1 A "" "" "LINK")
	add_library(bh_${name} STATIC ${A_UNPARSED_ARGUMENTS})
	target_link_libraries(bh_${name} PUBLIC ${A_LINK})
endfunction()

# bh_daemon(NAME FILE... LINK LIB...): the program bulkhead-NAME in bin/, from the
# object library bh_NAME_objects, which takeover and unit tests link as well.
function(bh_daemon name)
	cmake_parse_arguments(PARSE_ARGV 1 A "" "" "LINK")
	add_library(bh_${name}_objects OBJECT ${A_UNPARSED_ARGUMENTS})
	target_link_libraries(bh_${name}_objects PUBLIC ${A_LINK})
	add_executable(bulkhead-${name} $<TARGET_OBJECTS:bh_${name}_objects>)
	target_link_libraries(bulkhead-${name} PRIVATE ${A_LINK})
endfunction()

# bh_test(FILE-STEM LINK LIB...): tests/unit/.../test_x.c, a cmocka program.
function(bh_test name)
	cmake_parse_arguments(PARSE_ARGV 1 A "" "" "LINK")
	get_filename_component(stem ${name} NAME)
	add_executable(${stem} ${name}.c)
	target_link_libraries(${stem} PRIVATE ${A_LINK} cmocka)
	target_link_options(${stem} PRIVATE ${BH_TEST_LINK})
	set_target_properties(${stem} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
	target_compile_definitions(${stem} PRIVATE
		BH_VECTORS="${CMAKE_SOURCE_DIR}/tests/vectors" BH_BIN="${CMAKE_BINARY_DIR}/bin")
	add_test(NAME ${stem} COMMAND ${stem})
	set_tests_properties(${stem} PROPERTIES TIMEOUT 120
		ENVIRONMENT "ASAN_OPTIONS=detect_leaks=1")
endfunction()

# bh_fuzz(STEM LINK LIB...): tests/fuzz/fuzz_x.c.  With BH_FUZZ a libFuzzer program;
# otherwise a program that replays the files given, so that seeds run everywhere.
function(bh_fuzz name)
	cmake_parse_arguments(PARSE_ARGV 1 A "" "" "LINK")
	if(BH_FUZZ)
		add_executable(${name} ${name}.c)
		target_link_options(${name} PRIVATE -fsanitize=fuzzer)
	else()
		add_executable(${name} ${name}.c replay.c)
	endif()
	target_link_libraries(${name} PRIVATE ${A_LINK})
	target_link_options(${name} PRIVATE ${BH_TEST_LINK})
	set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
endfunction()
